using Gantry.Cli.Flags;
using Gantry.Compose;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose secret</c>: keeps secrets, encrypted, for projects that declare them as external.</summary>
internal sealed class ComposeSecretCommand() : ProjectCommand
{
    public static CommandEntry Entry => new(
        ["compose secret"], "set NAME [FILE|-] | ls | rm NAME...", "Keep encrypted secrets for projects that declare them as external",
        ArgumentCount.AtLeast(1), static _ => new ComposeSecretCommand());

    public override Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var store = session.Secrets;
        switch (arguments)
        {
            case ["set", var name]:
                store.Set(name, ReadAll(session.Session.Context.Input));
                break;
            case ["set", var name, var file]:
                store.Set(name, file == "-" ? ReadAll(session.Session.Context.Input) : File.Exists(file) ? File.ReadAllBytes(file)
                    : throw new ComposeException($"open {file}: no such file or directory"));
                break;
            case ["ls"]:
                foreach (var name in store.Names)
                    session.Session.Print(name);
                break;
            case ["rm", _, ..]:
                foreach (var name in arguments.Skip(1))
                    if (!store.Remove(name))
                        throw new ComposeException($"no such secret: {name}");
                break;
            default:
                throw new ComposeException("compose secret: set NAME [FILE|-], ls, or rm NAME...");
        }
        return Task.FromResult(0);
    }

    private static byte[] ReadAll(Stream input)
    {
        using var content = new MemoryStream();
        input.CopyTo(content);
        return content.ToArray();
    }
}
