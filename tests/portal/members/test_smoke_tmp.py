def test_cast(cast):
    assert cast.specialist.actor.specialist_in == {cast.cardiology.pk, cast.hospital_medicine.pk}
