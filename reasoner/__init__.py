"""What a call has established, what comes next, and how to say it. No I/O of its own but through ports."""
