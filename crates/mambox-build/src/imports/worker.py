# Imports the modules of an environment, each in a process of its own; mambox runs this with the environment's python.
#
# Arguments: the prefix, its site-packages (relative), how many to import at a time.
# Out: a line of JSON for each module that does not import, and at the end the number of those that were tried:
#      {"module": NAME, "late": BOOL, "errors": [{"kind": TYPE, "text": TEXT, "module": NAME, "file": PATH}, ...]}
#      {"tried": NUMBER}
import importlib
import json
import os
import signal
import sys

# The current folder, which is no place of the environment's.
sys.path[:] = [path for path in sys.path if path]

SECONDS = 120
# Of one error and of those behind it; all together fit into a pipe.
MOST, DEPTH = 500, 10
# What is imported for a joke, or opens a browser.
NEVER = {"test", "antigravity", "this"}


def name_of(path):
    # The module that a file below site-packages is or begins, if it is one on top.
    first, _, rest = path.partition("/")
    if rest.startswith("__init__.") and "/" not in rest and rest.endswith((".py", ".so")):
        return first
    if not rest and first.endswith(".py"):
        return first[:-3]
    if not rest and first.endswith(".so"):
        return first.split(".")[0]
    return ""


def modules(prefix, site):
    # Of the standard library, packages: no policy takes anything from its plain modules.
    library = "lib/python%d.%d/" % sys.version_info[:2]
    records = os.path.join(prefix, "conda-meta")
    found = set()
    for record in sorted(os.listdir(records)):
        if not record.endswith(".json"):
            continue
        with open(os.path.join(records, record), encoding="utf-8") as text:
            package = json.load(text)
        for path in package.get("files", ()):
            if path.startswith(site + "/"):
                found.add(name_of(path[len(site) + 1 :]))
            elif package.get("name") == "python" and path.startswith(library) and "/" in path[len(library) :]:
                found.add(name_of(path[len(library) :]))
    return sorted(name for name in found - NEVER if name.isidentifier() and not name.startswith("_"))


def described(error):
    # The error, and those behind it.
    seen = []
    while error is not None and error not in seen and len(seen) < DEPTH:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return [
        {
            "kind": type(error).__name__,
            "text": str(error)[:MOST],
            "module": str(getattr(error, "name", None) or "")[:MOST] if isinstance(error, ModuleNotFoundError) else "",
            "file": str(getattr(error, "filename", None) or "")[:MOST] if isinstance(error, OSError) else "",
        }
        for error in seen
    ]


def begin(name):
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    answer = []
    try:
        os.close(reader)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        signal.alarm(SECONDS)
        importlib.import_module(name)
    except BaseException as error:
        answer = described(error)
    try:
        # Never more than a pipe holds, as nobody reads before the end.
        os.write(writer, json.dumps(answer).encode())
    finally:
        os._exit(0)


def ended(name, reader, status):
    with open(reader, "rb") as pipe:
        answer = pipe.read()
    late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
    if late:
        text = "it takes longer than %d seconds" % SECONDS
    elif os.WIFSIGNALED(status):
        text = "python is killed by signal %d" % os.WTERMSIG(status)
    else:
        text = "python ends with status %d" % (status >> 8)
    errors = json.loads(answer) if answer else [{"kind": "", "text": text, "module": "", "file": ""}]
    return {"module": name, "late": late, "errors": errors} if errors else None


def main():
    prefix, site, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
    names = modules(prefix, site)
    waiting, running, failures = names[::-1], {}, []
    while waiting or running:
        while waiting and len(running) < most:
            name = waiting.pop()
            child, reader = begin(name)
            running[child] = name, reader
        child, status = os.wait()
        if child in running:
            name, reader = running.pop(child)
            failures.append(ended(name, reader, status))
    for failure in sorted(filter(None, failures), key=lambda failure: failure["module"]):
        print(json.dumps(failure))
    print(json.dumps({"tried": len(names)}))


main()
