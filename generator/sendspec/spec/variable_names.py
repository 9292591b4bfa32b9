"""Names of environment variables that a secret cannot have: something on the way reads them for itself."""

MEANINGFUL = frozenset(
    (
        # POSIX.1-2024, Base Definitions section 8 and Shell and Utilities section 2.5.3
        *("CDPATH", "COLUMNS", "EDITOR", "ENV", "FCEDIT", "HISTFILE", "HISTSIZE", "HOME", "IFS", "LANG", "LANGUAGE"),
        *("LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME", "LINENO", "LINES"),
        *("LOGNAME", "MAIL", "MAILCHECK", "MAILPATH", "NLSPATH", "OLDPWD", "OPTARG", "OPTIND", "PAGER", "PATH", "PPID"),
        *("PS1", "PS2", "PS3", "PS4", "PWD", "RANDOM", "SECONDS", "SHELL", "TERM", "TMPDIR", "TZ", "USER", "VISUAL"),
        # bash, from the manual page bash(1)
        *("_", "BASH", "BASHOPTS", "BASHPID", "BASH_ENV", "BASH_LOADABLES_PATH", "BASH_XTRACEFD", "DIRSTACK", "EUID"),
        *("FUNCNEST", "GLOBIGNORE", "GROUPS", "HOSTNAME", "PIPESTATUS", "POSIXLY_CORRECT", "PROMPT_COMMAND", "REPLY"),
        *("SHELLOPTS", "SHLVL", "TMOUT", "UID"),
        # ld.so(8), dyld(1), and what the C library reads (environ(7), gconv, resolv.conf(5), hostname(7))
        *("LD_AUDIT", "LD_BIND_NOT", "LD_BIND_NOW", "LD_DEBUG", "LD_DEBUG_OUTPUT", "LD_LIBRARY_PATH", "LD_ORIGIN_PATH"),
        *("LD_PRELOAD", "LD_PROFILE", "LD_PROFILE_OUTPUT", "LD_SHOW_AUXV", "LD_TRACE_LOADED_OBJECTS"),
        *("DYLD_FALLBACK_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH", "DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH"),
        *("GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "RES_OPTIONS"),
        # language runtimes: python(1), node(1), ruby(1), perlrun(1), java(1), php(1), and those of Go and .NET
        *("PYTHONBREAKPOINT", "PYTHONHOME", "PYTHONINSPECT", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONWARNINGS"),
        *("NODE_ENV", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "NODE_PATH", "NODE_TLS_REJECT_UNAUTHORIZED"),
        *("BUNDLE_GEMFILE", "GEM_HOME", "GEM_PATH", "RUBYLIB", "RUBYOPT", "RUBYPATH"),
        *("PERL5DB", "PERL5LIB", "PERL5OPT", "PERLLIB", "PHPRC", "PHP_INI_SCAN_DIR"),
        *("CLASSPATH", "JAVA_HOME", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"),
        *("DOTNET_ADDITIONAL_DEPS", "DOTNET_STARTUP_HOOKS", "GODEBUG", "GOGC"),
        # TLS and HTTP libraries: openssl-env(7), curl(1)
        *("ALL_PROXY", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "OPENSSL_CONF", "OPENSSL_ENGINES"),
        *("OPENSSL_MODULES", "REQUESTS_CA_BUNDLE", "SSLKEYLOGFILE", "SSL_CERT_DIR", "SSL_CERT_FILE"),
    )
)
"""The well-known ones, no complete list."""
