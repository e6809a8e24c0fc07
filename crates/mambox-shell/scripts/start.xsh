$MAMBA_EXE = @EXE@
$MAMBA_ROOT_PREFIX = @ROOT@
def __mamba_start():
    import subprocess
    done = subprocess.run(
        [$MAMBA_EXE, "shell", "hook", "--shell", "xonsh", "--root-prefix", $MAMBA_ROOT_PREFIX],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        __xonsh__.execer.exec(done.stdout.decode(), glbs=__xonsh__.ctx, filename="mamba")
__mamba_start()
del __mamba_start
