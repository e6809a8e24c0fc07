# Compiles what comes on standard input; mambox runs this with the python of an environment (3.7 or newer).
#
# In:  for each source the length of its path, the path, the length of its text, the text; lengths have 4 bytes,
#      the most significant first.
# Out: "mambox-pyc 1 CACHE_TAG\n", then for each source 0 and the .pyc file, or 1 and the reason why there is
#      none, each with its length before it.
#
# marshal writes references by the number of owners that an object has just then, so that what was compiled before
# shows in the bytes. Each source therefore gets a process of its own, forked from the same state; that also
# keeps a source that crashes python from taking the others along.
import os
import sys

# The current folder, which belongs to the image.
sys.path[:] = [path for path in sys.path if path]

from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import source_hash

KILLED = 9


def varies(code):
    # Before 3.11 marshal wrote sets in the order of their hashes, and None's is its address.
    if sys.version_info >= (3, 11):
        return False
    for constant in code.co_consts:
        if isinstance(constant, frozenset) and (None in constant or Ellipsis in constant):
            return True
        if isinstance(constant, type(code)) and varies(constant):
            return True
    return False


def compiled(path, text):
    # As py_compile does it, with PEP 552's unchecked hash.
    try:
        code = compile(text, path, "exec", dont_inherit=True, optimize=-1)
    except Exception as error:
        return b"\1", (type(error).__name__ + ": " + str(error)).encode("utf-8", "replace")
    if varies(code):
        return b"\1", b"this python would write it differently each time"
    return b"\0", bytes(_code_to_hash_pyc(code, source_hash(text), False))


def in_a_child(path, text):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reader)
            answer = memoryview(b"".join(compiled(path, text)))
            while answer:
                answer = answer[os.write(writer, answer) :]
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with open(reader, "rb") as pipe:
        answer = pipe.read()
    status = os.waitpid(child, 0)[1]
    if status == 0 and answer:
        return answer
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) != KILLED:
        return b"\1python is killed by signal %d" % os.WTERMSIG(status)
    sys.exit("%s: compiling it ended with status %d" % (path, status))


def main():
    # What python sets up at the first use, no child has to set up again.
    compiled("", b"class A(B):\n    def f(self):\n        return [x for x in self if x]\n")
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    stdout.write(b"mambox-pyc 1 %s\n" % sys.implementation.cache_tag.encode())
    while True:
        length = stdin.read(4)
        if not length:
            break
        path = stdin.read(int.from_bytes(length, "big")).decode("utf-8", "surrogateescape")
        text = stdin.read(int.from_bytes(stdin.read(4), "big"))
        stdout.flush()
        answer = in_a_child(path, text)
        stdout.write(answer[:1] + (len(answer) - 1).to_bytes(4, "big"))
        stdout.write(answer[1:])
    stdout.flush()


main()
