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
            --profile | --region | --endpoint-url | --ca-bundle | --addressing-style | --request-payer | --expected-bucket-owner | --concurrency | --max-attempts | --connect-timeout | --read-timeout | -o | --output | --write | --color | --progress | --bucket | --key | --version-id | --from | --only | --timeout | --destination | --id | --prefix | --by | --replication | --overdue | --max-age | --data-dir | --memory | --top | --since | --fail-on | --confirm-max | --export | --export-class | --engine | --engine-command | --figures | --athena-workgroup | --athena-output | --athena-database | --athena-max-scan | --destination-id | --grace | --dialect | --temp-dir | --depth | --job-manifest | --role | --source-bucket | --join | --max-delete | --journal | --verify-deleted) option=$word; continue ;;
            --*) continue ;;
            -*[o]*)
                # In a cluster such as -qo the value follows as the next word.
                [[ ${word#*[o]} ]] || option=-${word:${#word} - 1}
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
        -*[o]?*)
            before=${cur%"${cur#*[o]}"}
            option=-${before:${#before} - 1}
            ;;
    esac

    if [[ $option ]]; then
        case "$command $option" in
            *' --profile') _replaudit_words $(_replaudit_aws profiles) ;;
            *' --region') _replaudit_words $(_replaudit_aws regions) ;;
            *' --ca-bundle') _replaudit_paths -f ;;
            *' --addressing-style') _replaudit_words auto path virtual ;;
            *' --request-payer') _replaudit_words requester ;;
            ' -o') _replaudit_words table json ndjson csv markdown prometheus html github junit ;;
            'status -o') _replaudit_words table json ndjson csv markdown github junit ;;
            'inventory -o') _replaudit_words table json ndjson csv markdown prometheus html github junit ;;
            'doctor -o') _replaudit_words table json ndjson csv markdown prometheus github junit ;;
            'reconcile -o') _replaudit_words table json ndjson csv markdown prometheus html github junit ;;
            'reasons -o') _replaudit_words table json ndjson csv markdown github junit ;;
            'safe-delete -o') _replaudit_words table json ndjson csv markdown github junit ;;
            'undo -o') _replaudit_words table json ndjson csv markdown github junit ;;
            'sql -o') _replaudit_words table ;;
            ' --output') _replaudit_words table json ndjson csv markdown prometheus html github junit ;;
            'status --output') _replaudit_words table json ndjson csv markdown github junit ;;
            'inventory --output') _replaudit_words table json ndjson csv markdown prometheus html github junit ;;
            'doctor --output') _replaudit_words table json ndjson csv markdown prometheus github junit ;;
            'reconcile --output') _replaudit_words table json ndjson csv markdown prometheus html github junit ;;
            'reasons --output') _replaudit_words table json ndjson csv markdown github junit ;;
            'safe-delete --output') _replaudit_words table json ndjson csv markdown github junit ;;
            'undo --output') _replaudit_words table json ndjson csv markdown github junit ;;
            'sql --output') _replaudit_words table ;;
            ' --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html= github= junit= ;;
            'status --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit= ;;
            'inventory --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html= github= junit= ;;
            'doctor --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= github= junit= ;;
            'reconcile --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= prometheus= html= github= junit= ;;
            'reasons --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit= ;;
            'safe-delete --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit= ;;
            'undo --write') _replaudit_word_and_file table= json= ndjson= csv= markdown= github= junit= ;;
            'sql --write') _replaudit_word_and_file table= ;;
            *' --color') _replaudit_words auto always never ;;
            *' --progress') _replaudit_words auto always never ;;
            *' --from') _replaudit_paths -f ;;
            'status --only') _replaudit_list replicated pending failed replica not-replicated unknown-status delete-marker not-found denied error in-sync missing differs not-a-replica unknown ;;
            'doctor --only') _replaudit_list ok warn fail unknown ;;
            'safe-delete --only') _replaudit_list version-deleted marker-created would-delete kept already-absent denied failed unknown not-attempted completed pending replica not-replicated unknown-status delete-marker not-found error not-current bucket-not-versioned locked annotations replica-missing replica-differs not-a-replica replica-denied replica-unknown marker-replicates delete-replicates unconditional over-limit not-consented changed-since-check duplicate ;;
            'inventory --by') _replaudit_words prefix prefix:2 storage-class encryption age rule ;;
            'reconcile --by') _replaudit_words prefix prefix:2 ;;
            'sql --by') _replaudit_words prefix prefix:2 storage-class encryption age rule ;;
            *' --replication') _replaudit_paths -f ;;
            *' --data-dir') _replaudit_paths -d ;;
            *' --since') _replaudit_paths -f ;;
            'inventory --fail-on') _replaudit_words failed failed: overdue overdue: not-replicated not-replicated: unknown-status unknown-status: pending pending: replica replica: uncovered uncovered: ;;
            'reconcile --fail-on') _replaudit_words missing missing: size-differs size-differs: not-a-replica not-a-replica: unsure unsure: too-new too-new: extra extra: ;;
            *' --export') _replaudit_paths -f ;;
            'inventory --export-class') _replaudit_list failed overdue not-replicated unknown-status pending replica uncovered completed ;;
            'reconcile --export-class') _replaudit_list in-sync missing size-differs not-a-replica unsure ;;
            *' --engine') _replaudit_words local athena spark ;;
            *' --figures') _replaudit_paths -f ;;
            *' --dialect') _replaudit_words athena spark duckdb ;;
            *' --temp-dir') _replaudit_paths -d ;;
            *' --job-manifest') _replaudit_words csv inventory ;;
            *' --join') _replaudit_paths -f ;;
            *' --journal') _replaudit_paths -f ;;
            *' --verify-deleted') _replaudit_words all sample none ;;
        esac
    elif [[ -z $ended && $cur == -* ]]; then
        case $command in
            '') _replaudit_words --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'status') _replaudit_words --bucket --key --version-id --from --recursive --all-versions --only --summary --accept-replica --wait --wait-through-failed --timeout --explain --verify-replica --destination --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'inventory') _replaudit_words --bucket --id --prefix --current --by --replication --overdue --max-age --no-verify --data-dir --memory --top --since --fail-on --confirm --confirm-max --export --export-class --verify --engine --engine-command --figures --athena-workgroup --athena-output --athena-database --athena-max-scan --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'doctor') _replaudit_words --all-buckets --only --strict --destination --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'reconcile') _replaudit_words --bucket --id --destination --destination-id --prefix --grace --by --top --since --max-age --fail-on --confirm --confirm-max --export --export-class --engine --engine-command --figures --athena-workgroup --athena-output --athena-database --athena-max-scan --print-sql --dialect --no-verify --verify --data-dir --memory --temp-dir --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'reasons') _replaudit_words --depth --top --job-manifest --role --source-bucket --join --memory --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'safe-delete') _replaudit_words --bucket --key --version-id --from --recursive --all-versions --permanent --trust-status --verify-replica --destination --only --summary --wait --timeout --allow-marker-replication --allow-replicated-delete --allow-annotation-loss --allow-unconditional -n --dry-run -y --yes --max-delete --whole-bucket --journal --verify-deleted --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'undo') _replaudit_words -n --dry-run -y --yes --max-delete --journal --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout -o --output --write --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
            'schema') _replaudit_words -h --help -V --version ;;
            'completions') _replaudit_words -h --help -V --version ;;
            'sql') _replaudit_words --bucket --id --prefix --current --by --replication --overdue --max-age --no-verify --data-dir --memory --dialect -o --output --write --profile --region --endpoint-url --ca-bundle --no-sign-request --addressing-style --request-payer --expected-bucket-owner --concurrency --max-attempts --connect-timeout --read-timeout --color --progress --allow-empty -q --quiet -v --verbose -h --help -V --version ;;
        esac
    elif ((operands == 0)); then
        case $command in
            '') _replaudit_words status inventory doctor reconcile reasons safe-delete undo schema completions sql help ;;
            'inventory') _replaudit_paths -f ;;
            'reconcile') _replaudit_paths -f ;;
            'reasons') _replaudit_paths -f ;;
            'undo') _replaudit_paths -f ;;
            'schema') _replaudit_words status inventory reconcile doctor safe-delete undo reasons ;;
            'completions') _replaudit_words bash zsh fish powershell elvish ;;
            'sql') _replaudit_paths -f ;;
            'help') _replaudit_words status inventory doctor reconcile reasons safe-delete undo schema completions sql help ;;
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
                [[ ! -f $config ]] || command sed -n 's/^[[:space:]]*\[[[:space:]]*profile[[:space:]]\{1,\}\([A-Za-z0-9_/.%@:+-]\{1,\}\)[[:space:]]*\].*/\1/p; s/^[[:space:]]*\[[[:space:]]*\(default\)[[:space:]]*\].*/\1/p' <"$config"
                [[ ! -f $credentials ]] || command sed -n 's/^[[:space:]]*\[[[:space:]]*\([A-Za-z0-9_/.%@:+-]\{1,\}\)[[:space:]]*\].*/\1/p' <"$credentials"
                ;;
            regions)
                for file in "$config" "$credentials"; do
                    [[ ! -f $file ]] || command sed -n 's/^[[:space:]]*region[[:space:]]*=[[:space:]]*\([A-Za-z0-9-]\{1,\}\)[[:space:]]*$/\1/p' <"$file"
                done
                ;;
        esac
    } 2>/dev/null | command sort -u
}

complete -o nosort -F _replaudit replaudit 2>/dev/null || complete -F _replaudit replaudit
