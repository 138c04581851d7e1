"""What outlives a turn: sessions, callers, knowledge. Stores versioned records and does not know what they mean."""
