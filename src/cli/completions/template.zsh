#compdef replaudit
# Completion of replaudit for zsh.
# Written by: replaudit completions zsh

_replaudit() {
    local curcontext=$curcontext state state_descr line ret=1
    typeset -A opt_args
    local -a commands

    # -A: the command completes the options after it.
    _arguments -s -S -C -A '-*' : \
                @PROGRAM@
                '1:COMMAND:->command' \
                '*:::ARGUMENT:->arguments' && ret=0

    case $state in
    (command)
        commands=(
                @COMMANDS@
        )
        _describe -t commands command commands && ret=0
        ;;
    (arguments)
        words=($line[1] "${words[@]}")
        ((CURRENT += 1))
        curcontext="${curcontext%:*:*}:replaudit-$line[1]:"
        case $line[1] in
            @ARGUMENTS@
        esac
        ;;
    esac
    return ret
}

_replaudit_described() {
    local -a values=("$@")
    _describe -t values value values
}

# No space follows json= and failed:.
_replaudit_words() {
    local expl ret=1
    local -a open closed
    open=(${(M)@:#*[:=]})
    closed=(${@:#*[:=]})
    (($#closed)) && _wanted values expl value compadd -a closed && ret=0
    (($#open)) && _wanted values expl value compadd -S '' -a open && ret=0
    return ret
}

_replaudit_list() {
    _sequence compadd - "$@"
}

# A word that ends in "=", then a file.
_replaudit_word_and_file() {
    if compset -P '[a-z]##='; then
        _files
    else
        _replaudit_words "$@"
    fi
}

# Offers the names in the AWS configuration files that the AWS SDK accepts.
_replaudit_aws() {
    local config=${AWS_CONFIG_FILE:-~/.aws/config} credentials=${AWS_SHARED_CREDENTIALS_FILE:-~/.aws/credentials}
    local file expl
    config=${config/#\~\//$HOME/} credentials=${credentials/#\~\//$HOME/}
    local -a names
    names=(${(f)"$(
        case $1 in
            (profiles)
                [[ -f $config ]] && command sed -n '@PROFILES_OF_CONFIG@' <$config
                [[ -f $credentials ]] && command sed -n '@PROFILES_OF_CREDENTIALS@' <$credentials
                ;;
            (regions)
                for file in $config $credentials; do
                    [[ -f $file ]] && command sed -n '@REGIONS@' <$file
                done
                ;;
        esac 2>/dev/null
    )"})
    names=(${(u)names})
    _wanted values expl value compadd -a names
}

# A file in $fpath is the body of the function. If the file is sourced, it registers the function.
if [[ $funcstack[1] = _replaudit ]]; then
    _replaudit "$@"
else
    compdef _replaudit replaudit
fi
