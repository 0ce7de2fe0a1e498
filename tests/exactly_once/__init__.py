"""The proof of exactly once: runs that are killed, two at once, nights of every kind, a broken protocol."""
