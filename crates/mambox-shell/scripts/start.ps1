$Env:MAMBA_EXE = @EXE@
$Env:MAMBA_ROOT_PREFIX = @ROOT@
(& $Env:MAMBA_EXE shell hook --shell powershell --root-prefix $Env:MAMBA_ROOT_PREFIX) | Out-String | Where-Object { $_ } | Invoke-Expression
