# Lets @NAME@ change the xonsh that evaluates this.

def __mamba_define():
    import subprocess
    import sys

    # A list of arguments, so that no shell reads them.
    def exe(args):
        return subprocess.run([@EXE@, *args], env=__xonsh__.env.detype()).returncode

    def xctivate(args):
        if "--help" in args or "-h" in args:
            return exe(["shell", *args])
        done = subprocess.run(
            [@EXE@, "shell", *args, "--shell", "xonsh"], env=__xonsh__.env.detype(), stdout=subprocess.PIPE
        )
        if done.returncode:
            return done.returncode
        text = done.stdout.decode("utf-8", "surrogateescape")
        if text:
            __xonsh__.execer.exec(text, glbs=__xonsh__.ctx, filename="@NAME@")
        return 0

    def wrap(args):
        command = args[0] if args else ""
        if command in ("activate", "deactivate", "reactivate"):
            return xctivate(args)
        status = exe(args)
        if status == 0 and command in ("install", "update", "upgrade", "remove", "uninstall"):
            return xctivate(["reactivate"])
        return status

    __xonsh__.aliases["@NAME@"] = wrap


__mamba_define()
del __mamba_define

if "CONDA_SHLVL" not in __xonsh__.env:
    $CONDA_SHLVL = "0"
    $PATH.insert(0, @CONDABIN@)
