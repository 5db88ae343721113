#compdef git-okstra
#description several worktrees for one ticket, nothing lost

# Completion of git okstra for zsh, and the function okcd.
#
# In ~/.zshrc, after compinit:  eval "$(git okstra shell-init zsh)"
# Or installed as _git-okstra in a directory of $fpath; okcd is then there after the first completion.
#
# What it offers is read from small files of the store and from git. No Python is started, but for the categories.

# okcd [WHAT]: change into a worktree; stays where it is when there is none.
okcd() {
    local found
    found=$(git okstra path "$@") || return
    case $found in
    (/*) cd -- "$found" ;;
    (*) print -r -- "$found" ;; # usage, or a JSON document
    esac
}

# >>> Lists made from the commands; write them anew with: python tests/support/completion_lists.py
typeset -ga _okstra_commands=(
    'init:Set this repository up: its store, and its project id on this machine'
    'start:Give a ticket its own worktree and branch'
    'plan:The plan of a task: its stages, what each depends on, and the files it may change'
    'stage:Open stage N of the plan, or with '\''auto'\'' the first that is ready'
    'done:Close a stage: check it and record its head commit'
    'reopen:Take a stage that is done back to open, for more work on it'
    'abandon:Give a stage up'
    'takeover:Take a stage over whose owner is gone'
    'merge:Merge done stages into the task branch, dependencies first'
    'run:Work the plan off: open each stage that is ready, run a command in its worktree, close it and merge it'
    'conflicts:Say which stages would conflict with one another, with the task branch and with the base, before anybody merges'
    'sync:Bring a stage up to date that is behind what it stands on, because that was done again; or the task'
    'phase:Show the phase that the task is in, and what it permits; or move the task to another phase'
    'verify:Judge the whole task, and record the verdict: accepted, or rejected with every reason at once'
    'handoff:Hand the verified work over: the commit, the push of the task branch, and the pull request'
    'list:List the tasks and their stages: state, branch, commits ahead and behind, owner, age and path'
    'status:Show one task in detail: phase, plan as a graph, each stage, what is ready, and what to do next'
    'watch:Show the status of a task, and keep it up to date until q is typed'
    'who:Say who holds which task and stage, since when, and for how long nobody has been seen at work there'
    'path:Print where a worktree is'
    'exec:Run a command in the worktree of WHAT, and exit with its status'
    'brief:Print everything that someone, or an agent, needs to begin stage N, as Markdown'
    'log:Show the journal of the task: what happened when, and by whom'
    'graph:Draw the plan with what is going on: the state of each stage, who has it, and its commits ahead and behind'
    'timeline:Draw who worked on which stage when, and how much faster that was than one stage after another'
    'remove:Remove a worktree with its branch and reservation; all of it goes to the trash'
    'prune:Remove the worktrees of tasks whose work is in their base branch, and empty the old trash'
    'restore:List the trash, or bring a removed worktree back: files, index, branch, reservation and stage state'
    'release:Give a reservation back and leave worktree and branch alone'
    'undo:Take the last operation back: refs, records and worktrees as they were before it'
    'config:Settings, with scopes: built-in, global, project, clone, environment, option; later wins'
    'hooks:The hooks that hold the line: what the plan and the phase do not allow is refused by git itself'
    'guard:Judge one tool call of a coding agent before it is carried out, or install that judge'
    'doctor:Compare registry, store, and git'\''s worktrees and branches, and explain what does not agree'
    'tour:Play the whole story in a throw-away repository, step by step, in seconds'
    'shell-init:Print what a shell needs: completion, and the function okcd, which changes into a worktree'
    'help:Show the manual page of git okstra, or of a command'
)
typeset -ga _okstra_keys=(
    'project.id:the project'\''s id; empty: the name of the main worktree'\''s directory'
    'start.base:the base a task starts from; empty: ask'
    'start.fetch:fetch before a task is started'
    'start.lifecycle:the lifecycle of new tasks'
    'categories.names:the categories a task may have'
    'categories.aliases:other words for categories; added to those of the scopes before'
    'worktree.link:symlinked from the main worktree into each new one'
    'worktree.copy:copied from the main worktree into each new one'
    'worktree.setup:commands that are run in each new worktree'
    'worktree.sparse:check out only the directories that a stage needs'
    'worktree.sparse_always:what a sparse worktree has besides what its stage needs'
    'trash.keep:how long the trash keeps what was removed'
    'undo.keep:how long the operation log keeps an operation'
    'policy.protected:branches that nobody pushes to directly'
    'policy.docs:what may be committed before the implementation phase'
    'hooks.install:install the hooks with the first start'
    'hooks.scope:where ref updates are judged: in governed worktrees, or in the whole repository; auto: as git makes it cheap'
    'hooks.push_guard:judge pushes on the wire too, against push --no-verify'
    'lock.timeout:how long to wait for a lock'
    'lease.expires:how long an owner who works under a lease may give no sign of life'
    'verify.timeout:how long one verify command may take'
    'verify.commands:commands that verify runs in the task worktree'
    'report.lang:the language of the gate'\''s reports'
    'checkout.workers:processes that check out at once; 0: one a processor'
    'checkout.timeout:how long one checkout or merge of git may take'
    'guard.publish:commands that publish a release, which the guard refuses agents'
    'guard.scratch:directories outside of the stage in which agents may edit files'
    'guard.warn:tell an agent that edits a file which another open stage changes, too'
    'ui.color:colours on a terminal'
    'pr.template:the template of pull requests; empty: the one that ships'
    'pr.forge:what kind of forge the remote is on; auto: told from its address'
    'profiles.requirements-discovery.agents:the agents that may work in the phase requirements-discovery; '\''*'\'' is anyone'
    'profiles.error-analysis.agents:the agents that may work in the phase error-analysis; '\''*'\'' is anyone'
    'profiles.implementation-planning.agents:the agents that may work in the phase implementation-planning; '\''*'\'' is anyone'
    'profiles.implementation.agents:the agents that may work in the phase implementation; '\''*'\'' is anyone'
    'profiles.final-verification.agents:the agents that may work in the phase final-verification; '\''*'\'' is anyone'
    'profiles.release-handoff.agents:the agents that may work in the phase release-handoff; '\''*'\'' is anyone'
    'agents.claude.command:how git okstra run starts the agent claude'
    'agents.codex.command:how git okstra run starts the agent codex'
    'agents.gemini.command:how git okstra run starts the agent gemini'
)
_okstra_parts() {
    case $1 in
    (plan) parts=(
        'import:Read a plan from FILE (TOML, JSON, or the first table of a Markdown text; "-" is standard input) and store it'
        'show:Draw the plan as a graph'
        'check:Report every fault of a plan at once, with its line: of FILE, or of the stored plan'
        'approve:Approve the plan as it is'
        'edit:Edit the plan in your editor; what you save is checked and imported'
        'template:Print an example of a plan, with explanations, to begin from'
    ) ;;
    (config) parts=(
        'get:Print the value of a setting'
        'set:Write a setting into the file of a scope, this clone'\''s unless named'
        'unset:Take a setting out of the file of a scope'
        'list:List every setting with the value that counts'
        'trust:Approve exactly the commands that the project'\''s committed file asks for; a change asks again'
        'untrust:Take back every approval of commands in this clone'
    ) ;;
    (hooks) parts=(
        'install:Install the hooks, or bring them up to date; every hook that is there keeps running'
        'uninstall:Take the hooks out again, and leave everything as it was before them'
        'status:Show, for each worktree, which hooks run and in which order'
    ) ;;
    esac
}
_okstra_setting_values() {
    case $1 in
    (start.lifecycle) found=(light full) ;;
    (hooks.scope) found=(auto worktrees repository) ;;
    (report.lang) found=(en ko) ;;
    (ui.color) found=(auto always never) ;;
    (pr.forge) found=(auto github gitlab gitea bitbucket) ;;
    (start.fetch) found=(true false) ;;
    (worktree.sparse) found=(true false) ;;
    (hooks.install) found=(true false) ;;
    (hooks.push_guard) found=(true false) ;;
    (guard.warn) found=(true false) ;;
    esac
}
_okstra_lookup() {
    local n='(-n --dry-run)-n[Say what would be done, change nothing]'
    local dry_run='(-n --dry-run)--dry-run[Say what would be done, change nothing]'
    local json='--json[Print one JSON document]'
    local h='(-h --help)-h[Show the usage of the command]'
    local help='(-h --help)--help[Show the usage of the command]'
    local task='--task=[The task, when it is not the one stood in]:task: _okstra_values @tasks'
    local what='1:what: _okstra_values @what'
    case $1 in
    ('init') specs=($n $dry_run $json $h $help
    ) ;;
    ('start') specs=($n $dry_run $json $h $help
        '--base=[The commit the branch starts from]:base: _okstra_values @commits'
        '--group=[The group, instead of the letters before the number of ID]:group: _okstra_values @groups'
        '--title=[One line saying what the task is about]:title: _okstra_values @nothing'
        '--lifecycle=[Which lifecycle the task goes through]:lifecycle: _okstra_values light,full'
        '--branch=[The branch, instead of CATEGORY-ID]:branch: _okstra_values @branches'
        '--fetch[Fetch from the remote first]'
        '--adopt[Take over a branch of that name that exists already]'
        '--worktree[Make a worktree even inside a linked one]'
        '--exclusive[Refuse instead of giving again what is open already]'
        '--no-hooks[Install no hooks here]'
        '--skip-ok[Outside a repository, do nothing and succeed]'
        '1:category: _okstra_values @categories'
        '2:id: _okstra_values @nothing'
    ) ;;
    ('plan import') specs=($n $dry_run $json $task $h $help
        '--format=[How the file is written]:format: _okstra_values toml,json,markdown'
        '1:file: _okstra_values @files'
    ) ;;
    ('plan show') specs=($json $task $h $help
        '--format=[How to draw it]:format: _okstra_values text,mermaid,dot,json'
    ) ;;
    ('plan check') specs=($json $task $h $help
        '--format=[How the file is written]:format: _okstra_values toml,json,markdown'
        '1:file: _okstra_values @files'
    ) ;;
    ('plan approve') specs=($n $dry_run $json $task $h $help
        '--yes[Do not ask\: the person who types this approves]'
    ) ;;
    ('plan edit') specs=($n $dry_run $json $task $h $help
    ) ;;
    ('plan template') specs=($json $h $help
    ) ;;
    ('stage') specs=($n $dry_run $json $task $h $help
        '--all-ready[Open every stage that is ready and that nobody has]'
        '--exclusive[Refuse instead of giving again what one has open already]'
        '--merge-deps[Merge the stages it depends on first, if they are not merged]'
        '--flat[No worktree of its own\: work on the task branch]'
        '(--no-sparse --sparse)--no-sparse[Check out only the directories that the stage needs, or all of them]'
        '(--no-sparse --sparse)--sparse[Check out only the directories that the stage needs, or all of them]'
        '*:which: _okstra_values @stages,auto'
    ) ;;
    ('done') specs=($n $dry_run $json $task $h $help
        '--allow-empty[Close it though it has no commit of its own]'
        '1:number: _okstra_values @open'
    ) ;;
    ('reopen') specs=($n $dry_run $json $task $h $help
        '1:number: _okstra_values @stages'
    ) ;;
    ('abandon') specs=($n $dry_run $json $task $h $help
        '(-f --force)-f[Take uncommitted changes and untracked files along to the trash]'
        '(-f --force)--force[Take uncommitted changes and untracked files along to the trash]'
        '1:number: _okstra_values @open'
    ) ;;
    ('takeover') specs=($n $dry_run $json $task $h $help
        '--yes[Do not ask\: the person who types this knows that its owner is gone]'
        '1:number: _okstra_values @stages'
    ) ;;
    ('merge') specs=($n $dry_run $json $task $h $help
        '--continue[Go on after the conflicts were resolved]'
        '--abort[Give up the merge that stopped; what was merged before stays merged]'
        '*:numbers: _okstra_values @stages'
    ) ;;
    ('run') specs=($n $dry_run $json $task $h $help
        '(-j --jobs)-j+[How many stages are worked on at once]:j: _okstra_values @nothing'
        '(-j --jobs)--jobs=[How many stages are worked on at once]:jobs: _okstra_values @nothing'
        '--agent=[Run the command that the setting agents.NAME.command holds]:agent: _okstra_values @nothing'
        '--keep-going[Go on with what does not stand on a failed stage; the default]'
        '--fail-fast[End everything as soon as one stage has failed]'
        '--retry=[Try a failed stage again, so often]:retry: _okstra_values @nothing'
        '--timeout=[End a command that takes longer\: seconds, or such as 10m or 1h30m]:timeout: _okstra_values @nothing'
        '--output[Show what the commands write, the stage in front]'
        '*:numbers: _okstra_values @stages'
    ) ;;
    ('conflicts') specs=($json $task $h $help
        '--committed[Only what is committed; by default uncommitted changes count, too]'
        '--watch[Keep it up to date as the stages change, until q is typed]'
        '--interval=[How often to look whether something changed; 1 by default]:interval: _okstra_values @nothing'
    ) ;;
    ('sync') specs=($n $dry_run $json $task $h $help
        '--all[Every stage of one'\''s own that is behind]'
        '--rebase[Make the stage'\''s commits anew, if they were never pushed, and merge not]'
        '--continue[Go on after the conflicts were resolved]'
        '--abort[Give up what stopped; the branch stays where it was]'
        '*:what: _okstra_values @open,task'
    ) ;;
    ('phase') specs=($n $dry_run $json $task $h $help
        '--yes[Do not ask\: the person who types this decides]'
        '1:name: _okstra_values requirements-discovery,error-analysis,implementation-planning,implementation,final-verification,release-handoff,next'
    ) ;;
    ('verify') specs=($n $dry_run $json $task $h $help
        '--lang=[The language of the report, instead of report.lang]:lang: _okstra_values en,ko'
        '--check=[Validate a report and what it claims, and judge nothing]:check: _okstra_values @files'
        '--preview[Say what merging all done stages would give; merge nothing]'
        '--run[Run the commands on the outcome of --preview, in a checkout]'
    ) ;;
    ('handoff') specs=($n $dry_run $json $task $h $help
        '--action=[What to do, instead of being asked]:action: _okstra_values commit,pr,skip'
        '--pr-base=[The branch that the pull request is for]:pr-base: _okstra_values @commits'
        '--remote=[The remote to push to; origin, or the only one, unless named]:remote: _okstra_values @nothing'
        '--message-file=[The commit message, instead of the drafted one]:message-file: _okstra_values @files'
        '--title=[The title of the pull request, instead of the drafted one]:title: _okstra_values @nothing'
        '--template=[The template of the pull request'\''s body]:template: _okstra_values @files'
        '--squash[Make one commit of the branch; the tip it had is kept]'
        '--yes[Use the drafted text as it is]'
    ) ;;
    ('list') specs=($json $h $help
        '--all[The tasks of every repository of this machine]'
        '--long[Each worktree'\''s disk use, how long it is idle, and the bases, too]'
        '--no-dirty[Do not look into the worktrees for uncommitted changes]'
    ) ;;
    ('status') specs=($json $task $h $help
        '1:name: _okstra_values @tasks'
    ) ;;
    ('watch') specs=($json $task $h $help
        '--interval=[How often to look whether something changed; 1 by default]:interval: _okstra_values @nothing'
    ) ;;
    ('who') specs=($json $task $h $help
    ) ;;
    ('path') specs=($json $task $h $help $what
    ) ;;
    ('exec') specs=($task $h $help $what
        '--agent=[Who runs it\: refused unless the phase'\''s roster names that agent]:agent: _okstra_values @nothing'
        '*:::command:_normal'
    ) ;;
    ('brief') specs=($json $task $h $help
        '--gate[For whoever judges the whole task, with every stage and all changes]'
        '--agent=[Who it is for\: refused unless the phase'\''s roster names that agent]:agent: _okstra_values @nothing'
        '1:number: _okstra_values @stages'
    ) ;;
    ('log') specs=($json $task $h $help
        '--stage=[Only what happened to stage N]:stage: _okstra_values @stages'
        '(-n --max-count)-n+[Only the last COUNT of them]:n: _okstra_values @nothing'
        '(-n --max-count)--max-count=[Only the last COUNT of them]:max-count: _okstra_values @nothing'
        '--operations[The commands that changed something, which '\''undo'\'' takes back]'
    ) ;;
    ('graph') specs=($json $task $h $help
        '--format=[How to draw it; else as FILE is named, or as text]:format: _okstra_values text,mermaid,dot,svg'
        '(-o --output)-o+[Write the drawing to FILE, over what is there]:o: _okstra_values @files'
        '(-o --output)--output=[Write the drawing to FILE, over what is there]:output: _okstra_values @files'
        '1:name: _okstra_values @tasks'
    ) ;;
    ('timeline') specs=($json $task $h $help
        '--format=[How to draw it; else as FILE is named, or as text]:format: _okstra_values text,svg'
        '(-o --output)-o+[Write the drawing to FILE, over what is there]:o: _okstra_values @files'
        '(-o --output)--output=[Write the drawing to FILE, over what is there]:output: _okstra_values @files'
        '1:name: _okstra_values @tasks'
    ) ;;
    ('remove') specs=($n $dry_run $json $task $h $help $what
        '(-f --force)-f[Take uncommitted changes and untracked files along to the trash]'
        '(-f --force)--force[Take uncommitted changes and untracked files along to the trash]'
        '(-D --unmerged)-D[Take commits along that are on no other branch]'
        '(-D --unmerged)--unmerged[Take commits along that are on no other branch]'
    ) ;;
    ('prune') specs=($n $dry_run $json $h $help
    ) ;;
    ('restore') specs=($n $dry_run $json $h $help
        '1:what: _okstra_values @trash'
    ) ;;
    ('release') specs=($n $dry_run $json $task $h $help $what
    ) ;;
    ('undo') specs=($n $dry_run $json $task $h $help
        '--yes[Do not ask\: the person who types this decides]'
        '1:operation: _okstra_values @nothing'
    ) ;;
    ('config get') specs=($json $h $help
        '--scope=[What one scope says, or with '\''all'\'' what each says and which wins]:scope: _okstra_values all,built-in,global,project,clone,environment'
        '1:key: _okstra_values @keys'
    ) ;;
    ('config set') specs=($n $dry_run $json $h $help
        '--scope=[Whose file\: every repository'\''s, the committed .okstra.toml, or this clone'\''s]:scope: _okstra_values global,project,clone'
        '1:key: _okstra_values @keys'
        '*:values: _okstra_values @values'
    ) ;;
    ('config unset') specs=($n $dry_run $json $h $help
        '--scope=[Whose file\: every repository'\''s, the committed .okstra.toml, or this clone'\''s]:scope: _okstra_values global,project,clone'
        '1:key: _okstra_values @keys'
    ) ;;
    ('config list') specs=($json $h $help
        '--show-origin[Say which scope, file and line each value comes from]'
    ) ;;
    ('config trust') specs=($n $dry_run $json $h $help
        '--yes[Do not ask\: the person who types this approves]'
    ) ;;
    ('config untrust') specs=($n $dry_run $json $h $help
    ) ;;
    ('hooks install') specs=($n $dry_run $json $h $help
        '(--no-push-guard --push-guard)--no-push-guard[Judge pushes on the wire too, or no longer]'
        '(--no-push-guard --push-guard)--push-guard[Judge pushes on the wire too, or no longer]'
    ) ;;
    ('hooks uninstall') specs=($n $dry_run $json $h $help
        '--yes[Do not ask\: the person who types this decides]'
    ) ;;
    ('hooks status') specs=($json $h $help
    ) ;;
    ('guard') specs=($n $dry_run $h $help
        '--format=[The client that asks, when it is not recognised]:format: _okstra_values claude,codex,gemini,cursor'
        '1:action: _okstra_values install,uninstall'
        '2:client: _okstra_values claude,codex,gemini,cursor'
    ) ;;
    ('doctor') specs=($n $dry_run $json $h $help
        '--repair[Mend what is safe to mend, and say what was done]'
    ) ;;
    ('tour') specs=($h $help
    ) ;;
    ('shell-init') specs=($h $help
        '1:shell: _okstra_values bash,zsh,fish'
    ) ;;
    ('help') specs=($json $h $help
        '1:name: _okstra_values @commands'
    ) ;;
    (*) return 1 ;;
    esac
}
# <<< End of the lists

# git, as the options before "okstra" have it.
_okstra_git() {
    git ${okstra_directory:+-C} ${okstra_directory:+"$okstra_directory"} "$@" 2>/dev/null
}

# Sets common and own: the git common directory, and the git directory of the worktree one stands in.
_okstra_place() {
    local -a both
    both=(${(f)"$(_okstra_git rev-parse --path-format=absolute --git-common-dir --git-dir)"})
    (( $#both == 2 )) || return
    common=$both[1] own=$both[2]
}

# Sets directory: that of the task which is meant. By --task, else where one stands, else the only open one.
_okstra_task_directory() {
    local wanted=${${(M)words:#--task=*}#--task=} place
    local -a open
    (( $words[(I)--task] )) && wanted=${words[$words[(I)--task] + 1]}
    directory=
    if [[ $wanted == */* ]]; then
        directory=$common/okstra/tasks/$wanted
    elif [[ -n $wanted ]]; then
        open=($common/okstra/tasks/*/${(L)wanted}(N/))
        directory=${open[1]-}
    elif [[ -f $own/okstra ]]; then
        IFS= read -r place <$own/okstra
        directory=$common/okstra/tasks/${place% *}
    else
        open=($common/okstra/open/*,*(N:t))
        (( $#open == 1 )) && directory=$common/okstra/tasks/${open[1]/,//}
    fi
    [[ -d $directory ]]
}

# Adds the stages to found, with their titles; with "open" those that have a worktree.
_okstra_stages() {
    local directory line number
    local -a open
    _okstra_task_directory && [[ -r $directory/plan.toml ]] || return
    [[ -r $directory/paths ]] && open=(${${(f)"$(<$directory/paths)"}%% *})
    for line in ${(f)"$(<$directory/plan.toml)"}; do
        case $line in
        ('number = '*)
            number=${line#number = }
            [[ ${1-} != open ]] || (( $open[(Ie)$number] )) || number=
            [[ -n $number ]] && found+=($number)
            ;;
        ('title = '*) [[ -n ${number-} ]] && found[-1]=$number:${${${line#title = \"}%\"}//:/\\:} ;;
        esac
    done
}

# Adds the open tasks to found; where two groups have the same one, with their groups.
_okstra_tasks() {
    local -a open alike
    local name
    open=($common/okstra/open/*,*(N:t))
    for name in $open; do
        alike=(${(M)open:#*,${(b)name#*,}})
        if (( $#alike > 1 )); then
            found+=(${name/,//})
        else
            found+=(${name#*,})
        fi
    done
}

# Offers what $1 says: words with commas between, of which those with @ are looked up.
_okstra_values() {
    local common own directory token
    local -a found files
    [[ $1 == *@* ]] && _okstra_place
    for token in ${(s:,:)1}; do
        case $token in
        (@nothing) ;;
        (@files) _files; return ;;
        (@categories) found+=(${(s:,:)"$(_okstra_git okstra config get categories.names)"}) ;;
        (@commands) found+=($_okstra_commands) ;;
        (@keys) found+=($_okstra_keys) ;;
        (@values) _okstra_setting_values ${${(M)words:#*.*}[1]} ;;
        (@commits) found+=(${(f)"$(_okstra_git for-each-ref --format='%(refname:short)' refs/heads refs/remotes refs/tags)"}) ;;
        (@branches) found+=(${(f)"$(_okstra_git for-each-ref --format='%(refname:short)' refs/heads)"}) ;;
        (@*)
            [[ -n $common ]] || continue
            case $token in
            (@tasks) _okstra_tasks ;;
            (@stages) _okstra_stages ;;
            (@open) _okstra_stages open ;;
            (@what)
                _okstra_stages open
                _okstra_task_directory && found+=('task:the task itself')
                _okstra_tasks
                ;;
            (@groups) found+=($common/okstra/tasks/*(N/:t)) ;;
            (@trash) found+=($common/okstra/trash/*/entry.json(N:h:t)) ;;
            esac
            ;;
        (*) found+=($token) ;;
        esac
    done
    (( $#found )) && _describe -t values value found
}

_git-okstra() {
    local okstra_directory=
    # Below zsh's own completion of git, opt_args are the options of git.
    [[ ${service-} == git ]] && okstra_directory=${(Q)opt_args[-C]-}
    local curcontext=$curcontext state line command ret=1
    local -A opt_args
    local -a specs parts
    _arguments -C \
        '(- *)'{-h,--help}'[print the usage]' \
        '(- *)--version[print the version]' \
        '1:command: _describe -t commands command _okstra_commands' \
        '*:: :->arguments' && ret=0
    [[ -n $state ]] || return ret
    command=$words[1]
    _okstra_parts $command
    if (( $#parts )); then
        _arguments -C '(- *)'{-h,--help}'[print the usage]' \
            '1:part: _describe -t commands part parts' '*:: :->part' && ret=0
        [[ $state == part ]] || return ret
        command+=" $words[1]"
    fi
    _okstra_lookup $command && _arguments -S $specs && ret=0
    return ret
}

_okcd() {
    local okstra_directory=
    _arguments '--task=[The task, when it is not the one stood in]:task: _okstra_values @tasks' \
        '1:what: _okstra_values @what'
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    (( $+functions[compdef] )) && compdef _okcd okcd
    _git-okstra "$@"
elif (( $+functions[compdef] )); then
    compdef _git-okstra git-okstra
    compdef _okcd okcd
    # Names the command to zsh's own completion of git, unless somebody has named others there.
    zstyle -m ':completion:*:*:git:*' user-commands '*' ||
        zstyle ':completion:*:*:git:*' user-commands 'okstra:several worktrees for one ticket, nothing lost'
fi
