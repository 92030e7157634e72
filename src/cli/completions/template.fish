# Completion of replaudit for fish 3.1 and newer.
# Written by: replaudit completions fish

# Prints the command and its arguments, without options and their values, one per line.
function __replaudit_typed
    set -l words (commandline -opc)
    set -l is_value
    set -l ended
    for word in $words[2..-1]
        if test -n "$is_value"
            set is_value
        else if test -n "$ended"
            echo $word
        else if test "$word" = --
            set ended 1
        else if contains -- $word @WITH_VALUE@; or string match -qr -- '^-[^-@LETTERS@]+[@LETTERS@]$' $word
            set is_value 1
        else if not string match -q -- '-?*' $word
            echo $word
        end
    end
end

function __replaudit_in
    set -l typed (__replaudit_typed)
    test "$typed[1]" = "$argv[1]"
end

# Succeeds if the command has no argument yet.
function __replaudit_first
    set -l typed (__replaudit_typed)
    test "$typed[1]" = "$argv[1]"; and test (count $typed) -le 1
end

# Prints the value that is being typed, without its option.
function __replaudit_value
    commandline -ct | string replace -r -- '^(--[a-z-]+=|-[a-zA-Z]*[@LETTERS@])' ''
end

# Words separated by commas, each once.
function __replaudit_list
    set -l given (__replaudit_value | string match -r -- '^.*,')
    for word in $argv
        string match -q -- "*,$word,*" ",$given"; or echo "$given$word"
    end
end

# A word that ends in "=", then a file.
function __replaudit_word_and_file
    set -l value (__replaudit_value)
    set -l given (string match -r -- '^[a-z]+=' $value)
    if test -n "$given"
        set -l file (string replace -- $given '' $value)
        for path in (__fish_complete_path $file)
            echo $given$path
        end
    else
        printf '%s\n' $argv
    end
end

# Prints the names in the AWS configuration files that the AWS SDK accepts.
function __replaudit_aws
    set -l config ~/.aws/config
    set -l credentials ~/.aws/credentials
    test -n "$AWS_CONFIG_FILE"; and set config $AWS_CONFIG_FILE
    test -n "$AWS_SHARED_CREDENTIALS_FILE"; and set credentials $AWS_SHARED_CREDENTIALS_FILE
    set config (string replace -r -- '^~/' $HOME/ $config)
    set credentials (string replace -r -- '^~/' $HOME/ $credentials)
    begin
        switch $argv[1]
            case profiles
                test -f "$config"; and command sed -n '@PROFILES_OF_CONFIG@' <$config
                test -f "$credentials"; and command sed -n '@PROFILES_OF_CREDENTIALS@' <$credentials
            case regions
                for file in $config $credentials
                    test -f "$file"; and command sed -n '@REGIONS@' <$file
                end
        end
    end 2>/dev/null | command sort -u
end

complete -c replaudit -e
complete -c replaudit -f
@COMPLETE@
