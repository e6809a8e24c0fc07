alias __mamba_evaluate 'set __mamba_answer = ( "`@EXE@ shell \!* --shell csh`" ) ; if ( $#__mamba_answer ) eval "$__mamba_answer" ; unset __mamba_answer ; rehash';
