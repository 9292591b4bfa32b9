"""Setup and the world -> what is as declared, what is not, and what could not be told. A file is a check."""
