# Read by every hook of git okstra; POSIX sh, and nothing but what the shell has built in until something governed is
# touched: starting processes is what a hook costs. @WORDS@ are filled in when the hooks are installed.
# shellcheck shell=sh disable=SC2034,SC2154,SC3013

okstra_common='@COMMON@'
okstra_python='@PYTHON@'
okstra_root='@ROOT@'
# `configured`: git runs us beside the hooks that are there (hook.<name>.command); `dispatching`: we run them.
okstra_mode='@MODE@'
okstra_policy=$okstra_common/okstra/policy
gitdir=${GIT_DIR:-.git}

# Whether the branch is one that the registry holds for a task or stage.
governed() {
    [ -e "$okstra_policy/branches/$1~b" ]
}

# Sets `branch` to the branch that HEAD is on, empty when it is detached.
head_branch() {
    branch=
    head=
    if [ -r "$gitdir/HEAD" ]; then read -r head <"$gitdir/HEAD" || :; fi
    case $head in
        'ref: refs/heads/.invalid' | '') branch=$(git symbolic-ref --quiet --short HEAD) || branch= ;;
        'ref: refs/heads/'*) branch=${head#ref: refs/heads/} ;;
    esac
}

# Sets `tip` to the commit that the branch is at.
branch_tip() {
    tip=
    if [ -r "$okstra_common/refs/heads/$1" ]; then read -r tip <"$okstra_common/refs/heads/$1" || :; fi
    case $tip in
        '' | *[!0-9a-f]*) tip=$(git rev-parse --verify --quiet "refs/heads/$1") || tip= ;;
    esac
}

# judge EVENT ARGUMENT...: ask the rules, which print what they refuse; standard input goes along. Closed when they
# cannot be asked: this is called for governed and protected branches alone.
judge() {
    [ -f "$okstra_python" ] && "$okstra_python" -I -S -c 'import sys; sys.path.insert(0, sys.argv[1])
try:
    from git_okstra.hooks import door
except Exception:
    sys.exit(4)
sys.exit(door.main(sys.argv[2:]))' "$okstra_root" "$1" "$okstra_common" "$gitdir" "$@" && return
    case $? in 3) return 1 ;; esac
    echo "okstra: BLOCKED [hook-broken] git okstra cannot be run by '$okstra_python' from '$okstra_root'" >&2
    echo "okstra: hint: install it again, then: git okstra hooks install" >&2
    return 1
}

# Sets `before` to the hooks directory that would count without ours. The recorded answer holds until the configuration
# is written again.
before_ours() {
    before=
    if newest "$okstra_hooks/before"; then
        read -r before <"$okstra_hooks/before" || :
    else
        ask_git
    fi
    case $before in
        '') before=$okstra_common/hooks ;;
        /*) ;;
        *) before=$PWD/$before ;;
    esac
}

ask_git() {
    before=$(
        git config --type=path --get-all core.hooksPath | {
            last=
            while read -r line; do
                case $line in
                    "$okstra_common"/okstra/hooks | "$okstra_common"/okstra/hooks/*) ;;
                    *) last=$line ;;
                esac
            done
            printf '%s' "$last"
        }
    )
    ! as_elsewhere || { printf '%s\n' "$before" >"$okstra_hooks/before.$$" &&
        mv -f "$okstra_hooks/before.$$" "$okstra_hooks/before"; } 2>/dev/null || :
}

# Whether this worktree's own configuration, which a sparse checkout has, says nothing of hooks.
as_elsewhere() {
    [ -e "$gitdir/config.worktree" ] || return 0
    while read -r line || [ -n "$line" ]; do
        case $line in
            *[Hh][Oo][Oo][Kk]* | *[Ii][Nn][Cc][Ll][Uu][Dd][Ee]*) return 1 ;;
        esac
    done <"$gitdir/config.worktree"
}

newest() {
    as_elsewhere || return 1
    for file in "$okstra_common/config" "${GIT_CONFIG_GLOBAL:-$HOME/.gitconfig}" \
        "${XDG_CONFIG_HOME:-$HOME/.config}/git/config"; do
        [ ! -e "$file" ] || [ "$1" -nt "$file" ] || return 1
    done
}

# Sets `previous` to the hook that was there before ours for the event, empty when there is none.
previous_hook() {
    previous=
    [ "$okstra_mode" = dispatching ] || return 0
    # Called from git's own hooks directory, or what stands there is ours: the hook that was there was put aside.
    previous=$okstra_common/hooks/$1.before-okstra
    case $0 in
        "$okstra_hooks"/*)
            before_ours
            is_stub "$before/$1" || previous=$before/$1
            ;;
    esac
    if [ ! -x "$previous" ] || [ "$previous" -ef "$0" ] || [ "$previous" -ef "$okstra_hooks/$1" ]; then previous=; fi
}

# Has a hook run that was added since ours were installed. There is no name in our directory for an event that has no
# hook: each would cost a shell.
hand_on() {
    [ "$okstra_mode" = dispatching ] || return 0
    before_ours
    for event in applypatch-msg pre-applypatch post-applypatch pre-merge-commit prepare-commit-msg commit-msg \
        post-commit pre-rebase post-merge post-rewrite pre-auto-gc; do
        if [ -x "$before/$event" ] && [ ! -e "$okstra_hooks/$event" ]; then
            ln -s chain "$okstra_hooks/$event" 2>/dev/null || :
        fi
    done
}

# Whether the file is the few lines that we put into git's own hooks directory.
is_stub() {
    line=
    if [ -r "$1" ]; then { read -r line && read -r line; } <"$1" || :; fi
    [ "$line" = '# git okstra: leads to the hooks in okstra/hooks' ]
}
