"""What is known of builtins, the standard library and common packages: what calls change and touch.

A call that is in none of these tables is opaque: it may change whatever it is given. Tables only; imports
nothing of lift.
"""

# Tables of words read best as words.
# ruff: noqa: SIM905

from __future__ import annotations

import builtins
from collections.abc import Mapping
from functools import lru_cache

from lift_ir import EffectWord

# Builtins whose result shares nothing with their arguments, and which change nothing.
FRESH_BUILTINS = frozenset(
    "abs all any ascii bin bool bytearray bytes callable chr complex delattr dir divmod float format "
    "hasattr hash hex id int isinstance issubclass len memoryview object oct ord pow print range repr "
    "round slice str type input open breakpoint help property staticmethod classmethod".split()
) | {n for n, v in vars(builtins).items() if isinstance(v, type) and issubclass(v, BaseException)}
# Builtins whose result is a new container of what the argument contains.
COPYING_BUILTINS = frozenset(
    ["dict", "enumerate", "frozenset", "iter", "list", "reversed", "set", "sorted", "tuple", "zip", "aiter"]
)
# Builtins whose result may be an argument or a part of one.
PICKING_BUILTINS = frozenset(["getattr", "max", "min", "next", "anext", "sum", "map", "filter"])
# Builtins that change their first argument.
CHANGING_BUILTINS = frozenset(["setattr", "delattr", "next", "anext"])
BUILTIN_EFFECTS: dict[str, EffectWord] = {
    "print": "console",
    "input": "console",
    "breakpoint": "console",
    "help": "console",
    "open": "filesystem",
}

# Methods of builtin containers that change their object; what they are given becomes a part of it.
CHANGING_METHODS = frozenset(
    "add append appendleft clear difference_update discard extend extendleft insert "
    "intersection_update pop popitem popleft put remove reverse rotate send setdefault sort subtract "
    "symmetric_difference_update throw update write writelines write_bytes __setitem__ __delitem__ "
    "__setattr__ move_to_end".split()
)
# Methods of builtin types that change nothing and whose result shares nothing with the object.
FRESH_METHODS = frozenset(
    "as_integer_ratio bit_count bit_length capitalize casefold center conjugate count decode encode "
    "endswith expandtabs find format format_map fromhex hex index is_integer isalnum isalpha isascii "
    "isdecimal isdigit isdisjoint isidentifier islower isnumeric isprintable isspace issubset "
    "issuperset istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix "
    "rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title "
    "to_bytes translate upper zfill isoformat strftime total_seconds __len__ __contains__ __eq__ "
    "__hash__ __repr__ __str__".split()
)
# Methods that change nothing and whose result is a new container of the object's parts.
COPYING_METHODS = frozenset(
    [
        "copy",
        "__copy__",
        "union",
        "intersection",
        "difference",
        "symmetric_difference",
        "most_common",
        "elements",
    ]
)
# Methods that change nothing and whose result is a part or a view of the object.
PICKING_METHODS = frozenset(["get", "items", "keys", "values", "__getitem__", "__iter__"])
LOGGER_NAMES = frozenset(["log", "logger", "logging", "LOG", "LOGGER", "_log", "_logger", "_LOG", "_LOGGER"])
LOGGER_METHODS = frozenset(
    ["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "isEnabledFor"]
)
PATH_METHODS = frozenset(
    "exists is_dir is_file is_symlink iterdir glob rglob mkdir read_bytes read_text rename resolve "
    "rmdir samefile stat symlink_to touch unlink write_bytes write_text chmod hardlink_to lstat owner "
    "readlink".split()
)

# Dotted prefixes of library calls that change nothing; the value says what the result shares: nothing,
# or perhaps the arguments themselves.
_SHARES_NOTHING = (
    "math cmath string textwrap re json.dumps json.loads datetime decimal fractions statistics "
    "unicodedata keyword base64 hashlib hmac binascii struct.pack struct.unpack struct.calcsize zlib "
    "urllib.parse html difflib numbers colorsys calendar ipaddress shlex fnmatch os.path.join "
    "os.path.split os.path.basename os.path.dirname os.path.splitext os.path.normpath "
    "os.path.normcase os.path.isabs os.path.commonprefix os.path.commonpath os.path.splitdrive "
    "os.fspath os.fsdecode os.fsencode posixpath ntpath.join stat errno bisect.bisect "
    "bisect.bisect_left bisect.bisect_right copy.deepcopy pprint.pformat reprlib uuid.UUID uuid.uuid3 "
    "uuid.uuid5 pathlib.Path pathlib.PurePath pathlib.PurePosixPath sys.getsizeof sys.exc_info "
    "sys.intern sys.getrecursionlimit time.strftime time.strptime time.gmtime time.mktime enum "
    "tokenize.open operator.add operator.eq operator.lt operator.index inspect.isfunction "
    "inspect.isclass inspect.cleandoc threading.Lock threading.RLock threading.Event "
    "threading.Condition codecs.lookup codecs.encode codecs.decode locale.strxfrm token opcode "
    "io.StringIO io.BytesIO traceback.format_exc".split()
)
_SHARES_ARGUMENTS = (
    "itertools functools collections copy.copy operator.itemgetter operator.attrgetter "
    "operator.getitem operator.methodcaller dataclasses typing typing_extensions types contextlib "
    "weakref heapq.nsmallest heapq.nlargest heapq.merge array.array inspect.signature abc".split()
)
_PURE: Mapping[str, bool] = {
    name: name in _SHARES_ARGUMENTS for name in (*_SHARES_NOTHING, *_SHARES_ARGUMENTS)
}
# Library calls that change their first argument and nothing else.
CHANGING_CALLS = frozenset(
    "heapq.heappush heapq.heappop heapq.heapify heapq.heapreplace heapq.heappushpop bisect.insort "
    "bisect.insort_left bisect.insort_right random.shuffle operator.setitem operator.delitem "
    "operator.iadd operator.iconcat object.__setattr__".split()
)
_EFFECTS: dict[str, EffectWord] = {
    **dict.fromkeys(
        "os shutil tempfile glob pathlib.Path.cwd pathlib.Path.home io.open zipfile tarfile gzip.open "
        "bz2.open lzma.open fileinput codecs.open os.path mmap fcntl filecmp linecache json.dump "
        "pickle.dump pickle.load json.load tomllib.load csv tokenize.open dbm".split(),
        "filesystem",
    ),
    **dict.fromkeys(
        "socket urllib.request http.client http.server smtplib ftplib imaplib poplib ssl socketserver "
        "xmlrpc requests httpx aiohttp websockets urllib3 asyncio.open_connection "
        "asyncio.start_server".split(),
        "network",
    ),
    **dict.fromkeys(
        "subprocess multiprocessing signal os.system os.popen os.fork os.kill os.killpg os.execv "
        "os.execve os.execvp os.spawnv os.spawnl os.wait os.waitpid os.abort os._exit os.nice "
        "os.setsid os.getpid concurrent.futures.ProcessPoolExecutor sys.exit atexit pty "
        "threading.Thread os.cpu_count asyncio.create_subprocess_exec asyncio.create_subprocess_shell "
        "resource".split(),
        "process",
    ),
    **dict.fromkeys(
        "os.environ os.getenv os.putenv os.unsetenv os.environb os.getcwd os.chdir os.getuid "
        "os.getlogin os.uname platform getpass.getuser locale.setlocale locale.getlocale sysconfig "
        "site sys.argv sys.path os.path.expanduser os.path.expandvars".split(),
        "environment",
    ),
    **dict.fromkeys(
        "time datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow "
        "datetime.date.today datetime.now datetime.today datetime.utcnow date.today sched timeit "
        "asyncio.sleep os.times".split(),
        "time",
    ),
    **dict.fromkeys("random secrets uuid.uuid1 uuid.uuid4 os.urandom numpy.random".split(), "random"),
    **dict.fromkeys(
        "sys.stdout sys.stderr sys.stdin pprint.pprint pprint.pp getpass.getpass traceback.print_exc "
        "traceback.print_stack traceback.print_exception warnings.warn rich.print click.echo curses "
        "sys.displayhook".split(),
        "console",
    ),
    **dict.fromkeys("logging loguru structlog syslog".split(), "logging"),
    **dict.fromkeys(
        "sqlite3 psycopg psycopg2 sqlalchemy pymysql MySQLdb asyncpg aiosqlite pymongo redis "
        "cx_Oracle oracledb duckdb peewee".split(),
        "database",
    ),
}
# Functions of os and its like that only compute, though their module touches the world.
_NO_EFFECT = frozenset(
    ["os.fspath", "os.fsdecode", "os.fsencode", "os.strerror", "os.PathLike", "shutil.Error"]
)


@lru_cache(maxsize=4096)
def effect_of(dotted: str) -> EffectWord | None:
    """The effect of calling or using a library name, None if it has none or it is not known."""
    pure = _longest(_PURE, dotted)
    effect = _longest(_EFFECTS, dotted)
    if effect is None or dotted in _NO_EFFECT or (pure is not None and len(pure) > len(effect)):
        return None
    return _EFFECTS[effect]


@lru_cache(maxsize=4096)
def sharing_of(dotted: str) -> bool | None:
    """Whether the result of a library call may share its arguments; None if the call is opaque."""
    pure = _longest(_PURE, dotted)
    if pure is None or len(_longest(_EFFECTS, dotted) or "") > len(pure):
        return None
    return _PURE[pure]


def _longest(table: Mapping[str, object], dotted: str) -> str | None:
    """The longest dotted prefix of a name that the table holds."""
    while dotted:
        if dotted in table:
            return dotted
        dotted = dotted.rpartition(".")[0]
    return None
