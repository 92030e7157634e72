# Completion of replaudit for bash 3.2 and newer; bash-completion is not needed.
# Written by: replaudit completions bash

_replaudit() {
    local IFS=$' \t\n'
    local rest=${COMP_LINE:-${COMP_WORDS[*]}} command= option= operands=0 ended= blank word i
    local -a words=()
    COMPREPLY=()

    # Bash splits words at "=" and ":" too. The parts are joined again unless a blank separates them.
    rest=${rest:0:${COMP_POINT:-${#rest}}}
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blank=${rest%%[![:space:]]*}
        rest=${rest#"$blank"}
        word=${COMP_WORDS[i]}
        [[ $rest == "$word"* ]] || word=$rest
        rest=${rest#"$word"}
        if [[ -z $blank && ${#words[@]} -gt 0 ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words[${#words[@]}]=$word
        fi
    done
    [[ ${#words[@]} -ge 2 ]] || return 0

    # `cur` is the word to complete. Readline keeps its first `kept` characters and replaces the rest.
    local cur=${words[${#words[@]} - 1]} before= kept
    cur=${cur#[\"\']}
    local typed=${2-$cur}
    typed=${typed#[\"\']}
    kept=$((${#cur} > ${#typed} ? ${#cur} - ${#typed} : 0))

    for word in "${words[@]:1:${#words[@]} - 2}"; do
        if [[ $option ]]; then
            option=
            continue
        fi
        [[ $ended ]] || case $word in
            --) ended=1; continue ;;
            @WITH_VALUE@) option=$word; continue ;;
            --*) continue ;;
            -*[@LETTERS@]*)
                # In a cluster such as -qo the value follows as the next word.
                [[ ${word#*[@LETTERS@]} ]] || option=-${word:${#word} - 1}
                continue
                ;;
            -?*) continue ;;
        esac
        if [[ $command ]]; then
            ((operands += 1))
        else
            command=$word
        fi
    done

    # A value within the word: --option=VALUE, -oVALUE.
    [[ $option || $ended ]] || case $cur in
        --*=*) option=${cur%%=*} before=$option= ;;
        --*) ;;
        -*[@LETTERS@]?*)
            before=${cur%"${cur#*[@LETTERS@]}"}
            option=-${before:${#before} - 1}
            ;;
    esac

    if [[ $option ]]; then
        case "$command $option" in
            @VALUES@
        esac
    elif [[ -z $ended && $cur == -* ]]; then
        case $command in
            @OPTIONS@
        esac
    elif ((operands == 0)); then
        case $command in
            @OPERANDS@
        esac
    fi
    # No blank follows json= and failed:.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=] ]]; then
        compopt -o nospace 2>/dev/null || : # before bash 4
    fi
    return 0
}

# Offers the words that begin with what was typed.
_replaudit_words() {
    local word
    for word; do
        word=$before$word
        [[ $word != "$cur"* ]] || COMPREPLY[${#COMPREPLY[@]}]=${word:kept}
    done
}

# Words separated by commas, each once.
_replaudit_list() {
    local given=${cur#"$before"} word
    [[ $given == *,* ]] && given=${given%,*}, || given=
    for word; do
        [[ ,$given == *,"$word",* ]] || _replaudit_words "$given$word"
    done
}

# Files (-f) or folders (-d), after `$2`.
_replaudit_paths() {
    local path
    before+=${2-}
    compopt -o filenames 2>/dev/null || : # before bash 4
    while IFS= read -r path; do
        path=$before$path
        COMPREPLY[${#COMPREPLY[@]}]=${path:kept}
    done < <(compgen "$1" -- "${cur#"$before"}")
}

# A word that ends in "=", then a file.
_replaudit_word_and_file() {
    local value=${cur#"$before"}
    if [[ $value == *=* ]]; then
        _replaudit_paths -f "${value%%=*}="
    else
        _replaudit_words "$@"
    fi
}

# Prints the names in the AWS configuration files that the AWS SDK accepts. None of them needs quotes.
_replaudit_aws() {
    local config=${AWS_CONFIG_FILE:-~/.aws/config} credentials=${AWS_SHARED_CREDENTIALS_FILE:-~/.aws/credentials}
    local file
    config=${config/#\~\//$HOME/} credentials=${credentials/#\~\//$HOME/}
    {
        case $1 in
            profiles)
                [[ ! -f $config ]] || command sed -n '@PROFILES_OF_CONFIG@' <"$config"
                [[ ! -f $credentials ]] || command sed -n '@PROFILES_OF_CREDENTIALS@' <"$credentials"
                ;;
            regions)
                for file in "$config" "$credentials"; do
                    [[ ! -f $file ]] || command sed -n '@REGIONS@' <"$file"
                done
                ;;
        esac
    } 2>/dev/null | command sort -u
}

complete -o nosort -F _replaudit replaudit 2>/dev/null || complete -F _replaudit replaudit
