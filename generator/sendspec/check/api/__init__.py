"""The accounts at the ESPs, by the harmless read call of each."""
