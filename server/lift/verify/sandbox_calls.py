"""More system calls that the sandbox's process has no use for, by name; a part of the sandbox's child.

Standard library only, as ``sandbox.py``. What the names do is in section 2 of the manual.
"""

from __future__ import annotations

# Name → its number on x86-64 and on aarch64, None where there is no such call.
_REFUSED = {
    # Other processes' priorities and processors, for which the same user suffices.
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    # It could give up that it ends with its parent.
    "prctl": (157, 167),
    # Files that have no name, locks on files that have one, and news of what others do with theirs.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "flock": (73, 32),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # What only root may do, in case that lift is run by root.
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setgroups": (116, 159),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "capset": (126, 91),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "acct": (163, 89),
    # Ways into the kernel that nothing here needs.
    "personality": (135, 92),
    "userfaultfd": (323, 282),
}
X86 = tuple(x86 for x86, _ in _REFUSED.values() if x86 is not None)
ARM = tuple(arm for _, arm in _REFUSED.values() if arm is not None)

# Calls that are refused for some values of their second argument: these have the kernel send a signal of
# the caller's choice to a process of the caller's choice.
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_NOTIFY = 8, 10, 15, 1026
_FIOSETOWN, _SIOCSPGRP, _FIOASYNC, _TIOCSTI = 0x8901, 0x8902, 0x5452, 0x5412
FCNTL, IOCTL = (72, 25), (16, 29)
FCNTL_REFUSED = (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_NOTIFY)
IOCTL_REFUSED = (_FIOSETOWN, _SIOCSPGRP, _FIOASYNC, _TIOCSTI)
