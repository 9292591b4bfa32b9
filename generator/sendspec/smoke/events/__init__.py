"""Ways in which an event can come back: a receiver here, an ESP's message API, an SQS queue; and the wait for it."""
