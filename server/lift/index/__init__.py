"""The index: what the files of a folder specify, whether or not anybody has opened them.

Read from the cache at once, brought up to date in the background by processes of its own. ``Index`` is in
``lift.index.index``; nothing is imported here, so that those processes load no more than they need.
"""
