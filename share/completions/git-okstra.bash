# Completion of git okstra for bash, and the function okcd.
#
# In ~/.bashrc:  eval "$(git okstra shell-init bash)"
# Or installed as bash-completion/completions/git-okstra, where `git okstra <Tab>` and `git-okstra <Tab>` find it; okcd
# is then there after the first of the two.
#
# What it offers is read from small files of the store and from git. No Python is started, but for the categories.

# okcd [WHAT]: change into a worktree; stays where it is when there is none.
okcd() {
    local found
    found=$(git okstra path "$@") || return
    case "$found" in
    /*) cd -- "$found" ;;
    *) printf '%s\n' "$found" ;; # usage, or a JSON document
    esac
}

# >>> Lists made from the commands; write them anew with: python tests/support/completion_lists.py
__okstra_commands='init start plan stage done reopen abandon takeover merge run conflicts sync phase verify handoff list status watch who path exec brief log graph timeline remove prune restore release undo config hooks guard doctor tour shell-init help'
__okstra_keys='project.id start.base start.fetch start.lifecycle categories.names categories.aliases worktree.link worktree.copy worktree.setup worktree.sparse worktree.sparse_always trash.keep undo.keep policy.protected policy.docs hooks.install hooks.scope hooks.push_guard lock.timeout lease.expires verify.timeout verify.commands report.lang checkout.workers checkout.timeout guard.publish guard.scratch guard.warn ui.color pr.template pr.forge profiles.requirements-discovery.agents profiles.error-analysis.agents profiles.implementation-planning.agents profiles.implementation.agents profiles.final-verification.agents profiles.release-handoff.agents agents.claude.command agents.codex.command agents.gemini.command'
__okstra_parts() {
    case "$1" in
    plan) echo 'import show check approve edit template' ;;
    config) echo 'get set unset list trust untrust' ;;
    hooks) echo 'install uninstall status' ;;
    esac
}
__okstra_setting_values() {
    case "$1" in
    start.lifecycle) echo 'light full' ;;
    hooks.scope) echo 'auto worktrees repository' ;;
    report.lang) echo 'en ko' ;;
    ui.color) echo 'auto always never' ;;
    pr.forge) echo 'auto github gitlab gitea bitbucket' ;;
    start.fetch) echo 'true false' ;;
    worktree.sparse) echo 'true false' ;;
    hooks.install) echo 'true false' ;;
    hooks.push_guard) echo 'true false' ;;
    guard.warn) echo 'true false' ;;
    esac
}
__okstra_lookup() {
    case "$1" in
    'init') options='-n --dry-run --json -h --help' valued='' arguments='' ;;
    'start') options='-n --dry-run --json --base --group --title --lifecycle --branch --fetch --adopt --worktree --exclusive --no-hooks --skip-ok -h --help' valued='--base=@commits --group=@groups --title=@nothing --lifecycle=light,full --branch=@branches' arguments='@categories @nothing' ;;
    'plan import') options='-n --dry-run --json --task --format -h --help' valued='--task=@tasks --format=toml,json,markdown' arguments='@files' ;;
    'plan show') options='--json --task --format -h --help' valued='--task=@tasks --format=text,mermaid,dot,json' arguments='' ;;
    'plan check') options='--json --task --format -h --help' valued='--task=@tasks --format=toml,json,markdown' arguments='@files' ;;
    'plan approve') options='-n --dry-run --json --task --yes -h --help' valued='--task=@tasks' arguments='' ;;
    'plan edit') options='-n --dry-run --json --task -h --help' valued='--task=@tasks' arguments='' ;;
    'plan template') options='--json -h --help' valued='' arguments='' ;;
    'stage') options='-n --dry-run --json --task --all-ready --exclusive --merge-deps --flat --no-sparse --sparse -h --help' valued='--task=@tasks' arguments='@stages,auto...' ;;
    'done') options='-n --dry-run --json --task --allow-empty -h --help' valued='--task=@tasks' arguments='@open' ;;
    'reopen') options='-n --dry-run --json --task -h --help' valued='--task=@tasks' arguments='@stages' ;;
    'abandon') options='-n --dry-run --json --task -f --force -h --help' valued='--task=@tasks' arguments='@open' ;;
    'takeover') options='-n --dry-run --json --task --yes -h --help' valued='--task=@tasks' arguments='@stages' ;;
    'merge') options='-n --dry-run --json --task --continue --abort -h --help' valued='--task=@tasks' arguments='@stages...' ;;
    'run') options='-n --dry-run --json --task -j --jobs --agent --keep-going --fail-fast --retry --timeout --output -h --help' valued='--task=@tasks -j=@nothing --jobs=@nothing --agent=@nothing --retry=@nothing --timeout=@nothing' arguments='@stages...' ;;
    'conflicts') options='--json --task --committed --watch --interval -h --help' valued='--task=@tasks --interval=@nothing' arguments='' ;;
    'sync') options='-n --dry-run --json --task --all --rebase --continue --abort -h --help' valued='--task=@tasks' arguments='@open,task...' ;;
    'phase') options='-n --dry-run --json --task --yes -h --help' valued='--task=@tasks' arguments='requirements-discovery,error-analysis,implementation-planning,implementation,final-verification,release-handoff,next' ;;
    'verify') options='-n --dry-run --json --task --lang --check --preview --run -h --help' valued='--task=@tasks --lang=en,ko --check=@files' arguments='' ;;
    'handoff') options='-n --dry-run --json --task --action --pr-base --remote --message-file --title --template --squash --yes -h --help' valued='--task=@tasks --action=commit,pr,skip --pr-base=@commits --remote=@nothing --message-file=@files --title=@nothing --template=@files' arguments='' ;;
    'list') options='--json --all --long --no-dirty -h --help' valued='' arguments='' ;;
    'status') options='--json --task -h --help' valued='--task=@tasks' arguments='@tasks' ;;
    'watch') options='--json --interval --task -h --help' valued='--interval=@nothing --task=@tasks' arguments='' ;;
    'who') options='--json --task -h --help' valued='--task=@tasks' arguments='' ;;
    'path') options='--json --task -h --help' valued='--task=@tasks' arguments='@what' ;;
    'exec') options='--task --agent -h --help' valued='--task=@tasks --agent=@nothing' arguments='@what @command...' ;;
    'brief') options='--json --task --gate --agent -h --help' valued='--task=@tasks --agent=@nothing' arguments='@stages' ;;
    'log') options='--json --task --stage -n --max-count --operations -h --help' valued='--task=@tasks --stage=@stages -n=@nothing --max-count=@nothing' arguments='' ;;
    'graph') options='--json --task --format -o --output -h --help' valued='--task=@tasks --format=text,mermaid,dot,svg -o=@files --output=@files' arguments='@tasks' ;;
    'timeline') options='--json --task --format -o --output -h --help' valued='--task=@tasks --format=text,svg -o=@files --output=@files' arguments='@tasks' ;;
    'remove') options='-n --dry-run --json --task -f --force -D --unmerged -h --help' valued='--task=@tasks' arguments='@what' ;;
    'prune') options='-n --dry-run --json -h --help' valued='' arguments='' ;;
    'restore') options='-n --dry-run --json -h --help' valued='' arguments='@trash' ;;
    'release') options='-n --dry-run --json --task -h --help' valued='--task=@tasks' arguments='@what' ;;
    'undo') options='-n --dry-run --json --task --yes -h --help' valued='--task=@tasks' arguments='@nothing' ;;
    'config get') options='--json --scope -h --help' valued='--scope=all,built-in,global,project,clone,environment' arguments='@keys' ;;
    'config set') options='-n --dry-run --json --scope -h --help' valued='--scope=global,project,clone' arguments='@keys @values...' ;;
    'config unset') options='-n --dry-run --json --scope -h --help' valued='--scope=global,project,clone' arguments='@keys' ;;
    'config list') options='--json --show-origin -h --help' valued='' arguments='' ;;
    'config trust') options='-n --dry-run --json --yes -h --help' valued='' arguments='' ;;
    'config untrust') options='-n --dry-run --json -h --help' valued='' arguments='' ;;
    'hooks install') options='-n --dry-run --json --no-push-guard --push-guard -h --help' valued='' arguments='' ;;
    'hooks uninstall') options='-n --dry-run --json --yes -h --help' valued='' arguments='' ;;
    'hooks status') options='--json -h --help' valued='' arguments='' ;;
    'guard') options='-n --dry-run --format -h --help' valued='--format=claude,codex,gemini,cursor' arguments='install,uninstall claude,codex,gemini,cursor' ;;
    'doctor') options='-n --dry-run --json --repair -h --help' valued='' arguments='' ;;
    'tour') options='-h --help' valued='' arguments='' ;;
    'shell-init') options='-h --help' valued='' arguments='bash,zsh,fish' ;;
    'help') options='--json -h --help' valued='' arguments='@commands' ;;
    *) return 1 ;;
    esac
}
# <<< End of the lists

# git, as the options before "okstra" have it.
__okstra_git() {
    git ${directories[@]+"${directories[@]}"} "$@" 2>/dev/null
}

# Sets common and own: the git common directory, and the git directory of the worktree one stands in.
__okstra_place() {
    local both
    both=$(__okstra_git rev-parse --path-format=absolute --git-common-dir --git-dir) || return
    common=${both%%$'\n'*} own=${both#*$'\n'}
}

# The open tasks; where two groups have the same one, with their groups.
__okstra_tasks() {
    local file listed='' name
    for file in "$common"/okstra/open/*,*; do
        [ -e "$file" ] && listed+="${file##*/}"$'\n'
    done
    while IFS= read -r name; do
        case "$listed" in
        '') ;;
        *",${name#*,}"$'\n'*",${name#*,}"$'\n'*) printf '%s\n' "${name%%,*}/${name#*,}" ;;
        *) printf '%s\n' "${name#*,}" ;;
        esac
    done <<<"${listed%$'\n'}"
}

# Sets directory: that of the task which is meant. By --task, else where one stands, else the only open one.
__okstra_directory() {
    local wanted=$task place file count=0
    directory=''
    if [ -n "$wanted" ]; then
        case "$wanted" in
        */*) directory="$common/okstra/tasks/$wanted" ;;
        *)
            wanted=$(printf '%s' "$wanted" | tr '[:upper:]' '[:lower:]')
            for file in "$common"/okstra/tasks/*/"$wanted"; do directory=$file; done
            ;;
        esac
    elif [ -f "$own/okstra" ]; then
        IFS= read -r place <"$own/okstra"
        directory="$common/okstra/tasks/${place% *}"
    else
        for file in "$common"/okstra/open/*,*; do
            place=${file##*/} count=$((count + 1))
        done
        [ "$count" = 1 ] && directory="$common/okstra/tasks/${place%%,*}/${place#*,}"
    fi
    [ -d "$directory" ]
}

# The numbers of the stages in the plan.
__okstra_stages() {
    local directory line
    __okstra_directory && [ -r "$directory/plan.toml" ] || return
    while IFS= read -r line; do
        case "$line" in
        'number = '*) printf '%s\n' "${line#number = }" ;;
        esac
    done <"$directory/plan.toml"
}

# The numbers of the stages that have a worktree.
__okstra_open() {
    local directory line
    __okstra_directory && [ -r "$directory/paths" ] || return
    while IFS= read -r line; do
        case "$line" in
        '0 '*) ;;
        [1-9]*' '*) printf '%s\n' "${line%% *}" ;;
        esac
    done <"$directory/paths"
}

# What completes: words with commas between, of which those with @ are looked up. One a line.
__okstra_values() {
    local common='' own='' file names IFS=,
    local -a tokens
    read -r -a tokens <<<"$1"
    IFS=$' \t\n'
    case "$1" in
    *@*) __okstra_place ;;
    esac
    for names in "${tokens[@]}"; do
        case "$names" in
        @categories) names=$(__okstra_git okstra config get categories.names) && printf '%s\n' "${names//,/$'\n'}" ;;
        @keys) printf '%s\n' $__okstra_keys ;;
        @commands) printf '%s\n' $__okstra_commands ;;
        @values) printf '%s\n' $(__okstra_setting_values "$given") ;;
        @commits) __okstra_git for-each-ref --format='%(refname:short)' refs/heads refs/remotes refs/tags ;;
        @branches) __okstra_git for-each-ref --format='%(refname:short)' refs/heads ;;
        @*)
            [ -n "$common" ] || continue
            case "$names" in
            @tasks) __okstra_tasks ;;
            @stages) __okstra_stages ;;
            @open) __okstra_open ;;
            @what)
                __okstra_open
                __okstra_directory && printf '%s\n' task
                __okstra_tasks
                ;;
            @groups)
                for file in "$common"/okstra/tasks/*/; do
                    [ -d "$file" ] && file=${file%/} && printf '%s\n' "${file##*/}"
                done
                ;;
            @trash)
                for file in "$common"/okstra/trash/*/entry.json; do
                    [ -e "$file" ] && file=${file%/*} && printf '%s\n' "${file##*/}"
                done
                ;;
            esac
            ;;
        *) printf '%s\n' "$names" ;;
        esac
    done
}

# Fill COMPREPLY with the lines on standard input that begin with $1; readline replaces what follows the last of
# the characters in COMP_WORDBREAKS.
__okstra_offer() {
    local line cut=''
    case "$1" in
    *=*) [[ $COMP_WORDBREAKS == *=* ]] && cut=${1%"${1##*=}"} ;;
    esac
    case "$1" in
    *:*) [[ $COMP_WORDBREAKS == *:* ]] && cut=${1%"${1##*:}"} ;;
    esac
    while IFS= read -r line; do
        [[ -n $line && $2$line == "$1"* ]] || continue
        case "$line" in
        *[!A-Za-z0-9._/@%+:,=-]*) printf -v line %q "$line" ;;
        esac
        line=$2$line
        COMPREPLY+=("${line#"$cut"} ")
    done
}

# Complete the last of the words that follow "okstra".
__okstra_complete() {
    local current=${!#} command='' task='' expecting='' given='' options='' valued='' arguments='' listed part word
    local -i position=0
    local -a taken
    # Names of files are offered only where a file is wanted.
    compopt +o bashdefault +o default 2>/dev/null
    for word in "${@:1:$#-1}"; do
        if [ -n "$expecting" ]; then
            [ "$expecting" = --task ] && task=$word
            expecting=''
            continue
        fi
        # What follows WHAT is a command line of its own.
        if [ "$command" = exec ] && [ "$position" -gt 0 ]; then
            [ "$word" = -- ] || position+=1
            continue
        fi
        case "$word" in
        --task=*) task=${word#*=} ;;
        -*)
            case " $valued " in
            *" $word="*) expecting=$word ;;
            esac
            ;;
        *)
            if [ -z "$options" ]; then
                command=${command:+$command }$word
                __okstra_lookup "$command"
            else
                position+=1 given=$word
            fi
            ;;
        esac
    done
    if [ -z "$options" ]; then
        listed=$__okstra_commands
        [ -n "$command" ] && listed=$(__okstra_parts "$command")
        case "$current" in
        -*) listed='-h --help' && [ -z "$command" ] && listed+=' --version' ;;
        esac
        __okstra_offer "$current" '' <<<"${listed// /$'\n'}"
        return
    fi
    if [ -n "$expecting" ]; then
        if [ "$(__okstra_taken "$expecting")" = @files ]; then
            compopt -o bashdefault -o default +o nospace 2>/dev/null
            return
        fi
        __okstra_offer "$current" '' < <(__okstra_values "$(__okstra_taken "$expecting")")
        return
    fi
    read -r -a taken <<<"$arguments"
    part=${taken[position]-}
    [ -z "$part" ] && [ "${#taken[@]}" -gt 0 ] && case "${taken[${#taken[@]} - 1]}" in
    *...) part=${taken[${#taken[@]} - 1]} ;;
    esac
    case "$part:$current" in
    @command...:*)
        compopt -o bashdefault -o default +o nospace 2>/dev/null
        [ "$position" = 1 ] && __okstra_offer "$current" '' < <(compgen -c -- "$current")
        ;;
    *:--*=*)
        part=${current%%=*}
        __okstra_offer "$current" "$part=" < <(__okstra_values "$(__okstra_taken "$part")")
        ;;
    *:-*) __okstra_offer "$current" '' <<<"${options// /$'\n'}" ;;
    @files:*) compopt -o bashdefault -o default +o nospace 2>/dev/null ;;
    :*) ;;
    *) __okstra_offer "$current" '' < <(__okstra_values "${part%...}") ;;
    esac
}

# What completes the value of option $1.
__okstra_taken() {
    local each
    for each in $valued; do
        [ "${each%%=*}" = "$1" ] && printf '%s\n' "${each#*=}"
    done
}

# The words up to the cursor, put together again where bash divided them at = and :.
__okstra_words() {
    local word glued=''
    words=()
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        case "$word" in
        '=' | ':' | '::')
            if [ "${#words[@]}" -gt 1 ]; then
                words[${#words[@]} - 1]+=$word glued=1
                continue
            fi
            ;;
        esac
        if [ -n "$glued" ]; then
            words[${#words[@]} - 1]+=$word glued=''
        else
            words+=("$word")
        fi
    done
}

# Called by git's own completion for `git okstra`.
_git_okstra() {
    local -a words directories=()
    local -i place=1
    COMPREPLY=()
    __okstra_words
    while [ "$place" -lt "${#words[@]}" ]; do
        case "${words[place]}" in
        -C | --git-dir)
            directories+=("${words[place]}" "${words[place + 1]-}")
            place+=2
            ;;
        --git-dir=*)
            directories+=("${words[place]}")
            place+=1
            ;;
        -c | --work-tree | --namespace) place+=2 ;;
        -*) place+=1 ;;
        *) break ;;
        esac
    done
    __okstra_complete "${words[@]:place+1}"
}

__okstra_standalone() {
    local -a words directories=()
    COMPREPLY=()
    __okstra_words
    __okstra_complete "${words[@]:1}"
}

__okstra_okcd() {
    local -a words directories=()
    COMPREPLY=()
    __okstra_words
    __okstra_complete path "${words[@]:1}"
}

complete -o bashdefault -o default -o nospace -F __okstra_standalone git-okstra
complete -o nospace -F __okstra_okcd okcd
