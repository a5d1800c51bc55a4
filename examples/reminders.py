"""When to remind a customer of an unpaid invoice. Written down before it is written."""


def next_reminder(days_overdue: int, sent):
    """The day on which the next reminder goes out, None if there is to be none.

    Requires:
        - ``days_overdue >= 0``

    Ensures:
        - ``result is None or result > days_overdue``
        - ``implies(sent >= ?most_reminders, result is None)``
        - Nobody is reminded on a Sunday
    """
    raise NotImplementedError
