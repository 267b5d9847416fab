"""RTP, one idea per module: pure functions and small state; time and bytes are arguments."""
