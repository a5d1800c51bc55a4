"""Models that lift serves for itself: the Modal service, and the commands that look after it.

Must not import anything of lift but its errors: the service's file also runs where lift is not installed.
"""
