"""Places that programs need, places of secrets, and names that steer other programs.

The lists are data; paths that begin with ``/`` are absolute, others are below the person's folder
or the workspace, as each says.
"""

from __future__ import annotations

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix"),
    *("/gnu", "/snap"),
)
"""What every program may need to look at."""

SYSTEM_SECRETS = (
    *("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers"),
    *("/etc/sudoers.d", "/etc/ssl/private", "/etc/krb5.keytab", "/etc/security/opasswd"),
    *("/etc/NetworkManager/system-connections", "/etc/wireguard", "/etc/ppp"),
    *("/etc/pki/tls/private", "/etc/docker/key.json", "/etc/kubernetes", "/etc/rancher"),
)
HOST_KEYS = ("/etc/ssh", "ssh_host_", "_key")
"""A folder, and how the names of secrets in it begin and end."""

TOOLCHAINS = (
    *(".cargo", ".rustup", ".pyenv", ".nvm", ".volta", ".asdf", ".rbenv", ".sdkman", ".bun"),
    *(".deno", ".fnm", ".dotnet", ".ghcup", ".opam", ".juliaup", ".julia", ".swiftly", "go"),
    *("miniconda3", "anaconda3", "miniforge3", ".local/bin", ".local/lib", ".local/share/uv"),
    *(".local/share/mise", ".local/share/pnpm", ".local/share/fnm", ".local/share/rtx"),
    *(".gitconfig", ".config/git/config", ".config/git/ignore", ".config/git/attributes"),
)
"""Below the person's folder: compilers, interpreters, and who the person is to git."""

SECRETS = (
    *(".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".config/gh", ".config/op", ".kube"),
    *(".docker", ".netrc", ".git-credentials", ".config/git/credentials", ".npmrc", ".pypirc"),
    *(".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials", ".m2/settings.xml"),
    *(".m2/settings-security.xml", ".gradle/gradle.properties", ".terraform.d", ".vault-token"),
    *(".config/hub", ".config/glab-cli", ".config/doctl", ".config/rclone", ".config/containers"),
    *(".local/share/keyrings", ".password-store", ".mozilla", ".thunderbird", ".config/chromium"),
    *(".config/google-chrome", ".config/BraveSoftware", ".config/microsoft-edge", ".pgpass"),
    *(".config/vivaldi", ".config/opera", ".my.cnf", ".config/Bitwarden", ".config/1Password"),
    *(".claude", ".claude.json", ".codex", ".gemini", ".config/github-copilot", ".config/opencode"),
    *(".local/share/opencode", ".bash_history", ".zsh_history", ".python_history"),
    *(
        ".node_repl_history",
        ".psql_history",
        ".mysql_history",
        ".sqlite_history",
        ".rediscli_history",
    ),
    *("Library/Keychains", "Library/Cookies", "Library/Safari", "Library/Messages"),
    *("Library/Application Support/Google", "Library/Application Support/Firefox"),
    *("Library/Application Support/BraveSoftware", ".local/share/fish/fish_history"),
)
"""Below the person's folder: never looked at, also where a folder above may be."""

STARTUP = (
    *(".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".zshrc", ".zshenv"),
    *(".zprofile", ".zlogin", ".zlogout", ".config/fish", ".inputrc", ".gitconfig", ".config/git"),
    *(".tmux.conf", ".vimrc", ".config/nvim", ".emacs", ".emacs.d", ".config/autostart"),
    *(".config/systemd", ".pam_environment", ".xprofile", ".xsessionrc", ".config/environment.d"),
    *(".local/bin", "Library/LaunchAgents"),
)
"""Below the person's folder: obeyed at the next start of a shell, an editor or the desktop."""

STEERING_NAMES = (".ion", ".mcp.json", ".vscode", ".idea", ".envrc")
"""In a workspace: obeyed by ion, editors or the shell. Where one is missing, a socket without
rights takes its name while a command runs; git does not see it."""

STEERING_IF_THERE = (
    *(".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".zshrc", ".zshenv"),
    *(".zprofile", ".zlogin", ".gitconfig", ".gitmodules", ".ripgreprc"),
    *(".exrc", ".vimrc", ".nvimrc", ".nvim.lua", ".emacs", ".dir-locals.el", ".inputrc"),
    ".tmux.conf",
    *(".claude/agents", ".claude/commands", ".claude/settings.json", ".claude/settings.local.json"),
)
"""In a workspace: the same, but common enough by another name that none is kept free."""

SAMPLES = (".example", ".sample", ".template", ".dist", ".defaults")
"""How files are named that show what a ``.env`` would hold."""
