"""Secret stores: one folder a scheme of references. A value is read when a live command needs it, and kept in memory."""
