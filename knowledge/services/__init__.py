"""What changes a document's state. Nothing else does."""

from knowledge.services.declaring import (
    Declared,
    changed_recommendations,
    declare_changes,
)
from knowledge.services.digests import (
    choose_digest,
    digest_frequency,
    person_of_token,
    send_digests,
    stop_token,
)
from knowledge.services.education import (
    Learned,
    change_education,
    delete_education,
    record_education,
)
from knowledge.services.exporting import (
    Exported,
    ExportRefused,
    export_document,
    export_documents,
)
from knowledge.services.feedback import (
    give_feedback,
    reply_to_feedback,
)
from knowledge.services.flagging import flag_overlays
from knowledge.services.following import (
    follow,
    unfollow,
)
from knowledge.services.importing import (
    Imported,
    ImportRefused,
    import_documents,
)
from knowledge.services.lists import (
    add_to_list,
    create_list,
    default_list,
    delete_list,
    move_in_list,
    remove_from_list,
    rename_list,
)
from knowledge.services.notes import (
    delete_note,
    save_note,
)
from knowledge.services.overlays import (
    add_overlay,
    change_overlay,
    delete_overlay,
    keep_overlay,
)
from knowledge.services.printing import (
    print_document,
    published_revision,
)
from knowledge.services.proposing import propose_faq
from knowledge.services.publishing import (
    publish_revision,
    retire_document,
)
from knowledge.services.reading import (
    clear_readings,
    record_reading,
)
from knowledge.services.recalling import acknowledge
from knowledge.services.remarks import (
    add_remark,
    reopen_remark,
    resolve_remark,
)
from knowledge.services.reminding import (
    Reminded,
    remind_people,
    remind_readers,
)
from knowledge.services.reviewers import (
    add_reviewer,
    claim_review,
    eligible_reviewers,
    remind_reviewer,
    replace_reviewer,
)
from knowledge.services.reviewing import (
    decide,
    submit_revision,
    withdraw_submission,
)
from knowledge.services.scheduling import (
    publish_due,
    return_revision,
    schedule_revision,
    unschedule_revision,
)
from knowledge.services.verifying import (
    look_after,
    verify_recommendations,
)
from knowledge.services.watching import check_freshness

__all__ = [
    "Declared",
    "ExportRefused",
    "Exported",
    "ImportRefused",
    "Imported",
    "Learned",
    "Reminded",
    "acknowledge",
    "add_overlay",
    "add_remark",
    "add_reviewer",
    "add_to_list",
    "change_education",
    "change_overlay",
    "changed_recommendations",
    "check_freshness",
    "choose_digest",
    "claim_review",
    "clear_readings",
    "create_list",
    "decide",
    "declare_changes",
    "default_list",
    "delete_education",
    "delete_list",
    "delete_note",
    "delete_overlay",
    "digest_frequency",
    "eligible_reviewers",
    "export_document",
    "export_documents",
    "flag_overlays",
    "follow",
    "give_feedback",
    "import_documents",
    "keep_overlay",
    "look_after",
    "move_in_list",
    "person_of_token",
    "print_document",
    "propose_faq",
    "publish_due",
    "publish_revision",
    "published_revision",
    "record_education",
    "record_reading",
    "remind_people",
    "remind_readers",
    "remind_reviewer",
    "remove_from_list",
    "rename_list",
    "reopen_remark",
    "replace_reviewer",
    "reply_to_feedback",
    "resolve_remark",
    "retire_document",
    "return_revision",
    "save_note",
    "schedule_revision",
    "send_digests",
    "stop_token",
    "submit_revision",
    "unfollow",
    "unschedule_revision",
    "verify_recommendations",
    "withdraw_submission",
]
