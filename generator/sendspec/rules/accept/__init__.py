"""Rules about acceptances themselves."""
