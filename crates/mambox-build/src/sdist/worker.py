# Calls one hook of a build backend (PEP 517); mambox runs this in the sandbox, with the environment's python.
#
# Argument: {"hook": "requires" | "wheel", "backend": NAME, "backend_path": [FOLDER, ...], "source": FOLDER,
#            "out": FOLDER, "site": FOLDER or null}
# Out, as the last line:
#      {"requires": [REQUIREMENT, ...], "installed": {NAME: VERSION} or null, "markers": {NAME: VALUE}}
#      {"wheel": FILE NAME}
#      {"missing": MODULE}       the backend, or a part of it
# Everything else goes to standard error.
import importlib
import json
import os
import platform
import site
import sys
import traceback

# The current folder: sources are not to be imported but for backend-path.
sys.path[:] = [path for path in sys.path if path]


def load(name, paths):
    sys.path[:0] = paths
    module, _, attributes = name.partition(":")
    backend = importlib.import_module(module)
    for attribute in attributes.split(".") if attributes else ():
        backend = getattr(backend, attribute)
    return backend


def installed():
    # Where several are found, the first is imported. Before 3.8 python cannot tell.
    try:
        from importlib import metadata
    except ImportError:
        return None
    found = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(name, distribution.version or "0")
    return found


def markers():
    # PEP 508.
    version = "%d.%d.%d" % sys.implementation.version[:3]
    if sys.implementation.version[3] != "final":
        version += sys.implementation.version[3][0] + str(sys.implementation.version[4])
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": "%d.%d" % sys.version_info[:2],
        "sys_platform": sys.platform,
    }


def main():
    asked = json.loads(sys.argv[1])
    del sys.argv[1:]
    # Whatever prints, also in other processes, prints elsewhere.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.chdir(asked["source"])
    if asked["site"]:
        # It is in PYTHONPATH, too; but for that, python reads no .pth files.
        site.addsitedir(asked["site"])
    try:
        backend = load(asked["backend"], [os.path.join(asked["source"], path) for path in asked["backend_path"]])
    except ModuleNotFoundError as error:
        traceback.print_exc()
        print(json.dumps({"missing": error.name or asked["backend"]}), file=out, flush=True)
        sys.exit(1)
    if asked["hook"] == "wheel":
        answer = {"wheel": str(backend.build_wheel(asked["out"], None, None))}
    else:
        wants = getattr(backend, "get_requires_for_build_wheel", None)
        requires = [str(requirement) for requirement in wants(None)] if wants else []
        answer = {"requires": requires, "installed": installed(), "markers": markers()}
    sys.stdout.flush()
    print(json.dumps(answer), file=out, flush=True)


main()
