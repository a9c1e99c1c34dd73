namespace Gantry.Cli.Tests;

/// <summary>A user's configuration folder and, in its <c>bin</c>, credential helpers that are shell scripts.</summary>
internal sealed class ConfigFolder : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory("gantry-config").FullName;

    public string File => Path.Combine(FullPath, "config.json");

    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string> { ["DOCKER_CONFIG"] = FullPath, ["PATH"] = Programs + ":/usr/bin:/bin" };

    private string Programs => Path.Combine(FullPath, "bin");

    public ConfigFolder Write(string config)
    {
        System.IO.File.WriteAllText(File, config);
        return this;
    }

    public string Read() => System.IO.File.ReadAllText(File);

    /// <summary>Adds a helper that keeps each secret in a file of its own and answers as the helpers of docker do.</summary>
    public ConfigFolder AddHelper(string name) => AddProgram(name, $$"""
        dir={{FullPath}}/{{name}}; mkdir -p $dir; subject=$(cat); file=$dir/$(printf %s "$subject" | tr -c 'a-zA-Z0-9' _)
        case $1 in
          get) [ -f $file ] && cat $file || { echo credentials not found in native keychain; exit 1; } ;;
          store) url=$(printf %s "$subject" | sed 's/.*"ServerURL":"\([^"]*\)".*/\1/')
             printf %s "$subject" > $dir/$(printf %s "$url" | tr -c 'a-zA-Z0-9' _); printf '%s\n' "$url" >> $dir/list ;;
          erase) rm -f $file ;;
          list) printf '{'; sep=; while read url; do printf '%s"%s":"x"' "$sep" "$url"; sep=,; done < $dir/list; printf '}' ;;
        esac
        """);

    public ConfigFolder AddProgram(string name, string script)
    {
        Directory.CreateDirectory(Programs);
        var file = Path.Combine(Programs, "docker-credential-" + name);
        System.IO.File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return this;
    }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
