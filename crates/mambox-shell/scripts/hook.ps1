# Lets @NAME@ change the PowerShell that evaluates this.

function global:__mamba_exe { & @EXE@ @args }

function global:__mamba_xctivate {
    if (($args -contains '--help') -or ($args -contains '-h')) { return __mamba_exe shell @args }
    $answer = __mamba_exe shell @args --shell powershell
    if (($LASTEXITCODE -eq 0) -and $answer) { Invoke-Expression -Command ($answer -join [Environment]::NewLine) }
}

function global:@NAME@ {
    $command = if ($args.Count -gt 0) { $args[0] } else { '' }
    switch -CaseSensitive ($command) {
        { $_ -cin 'activate', 'deactivate', 'reactivate' } { __mamba_xctivate @args }
        { $_ -cin 'install', 'update', 'upgrade', 'remove', 'uninstall' } {
            __mamba_exe @args
            if ($LASTEXITCODE -eq 0) { __mamba_xctivate reactivate }
        }
        default { __mamba_exe @args }
    }
}

if ($null -eq $Env:CONDA_SHLVL) {
    $Env:CONDA_SHLVL = '0'
    $Env:PATH = @CONDABIN@ + ':' + $Env:PATH
}

# The prompt tells what is active, whichever prompt that is.
if ((Test-Path Function:\prompt) -and -not (Test-Path Function:\__mamba_prompt_before)) {
    Copy-Item Function:\prompt Function:\global:__mamba_prompt_before
    function global:prompt { "$Env:CONDA_PROMPT_MODIFIER$(__mamba_prompt_before)" }
}
