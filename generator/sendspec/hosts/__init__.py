"""DNS hosts: one folder for each that `plan` and `apply` talk to."""
