using System.Text;
using Gantry.Build.Dockerfile;

namespace Gantry.Build.Tests.Dockerfile;

/// <summary>What is parsed, printed and parsed again is the same: for instructions that are put together by chance, in every form that they have.</summary>
public class RoundTripTests
{
    private const int Rounds = 2000;
    private static readonly string[] s_words = ["a", "b-c", "d.e", "/f/g", "h_1", "$I", "${J:-k}", "--l", "m=n", "ö"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Parse_of_print_is_the_same(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var first = Parse(Generate(random));
            var printed = Print(first);
            Assert.Equal(Describe(first), Describe(Parse(printed)));
            // The printed form is a fixed point.
            Assert.Equal(printed, Print(Parse(printed)));
        }
    }

    private static Instruction Parse(string line) =>
        Assert.Single(DockerfileDocument.Parse(new SourceFile("Dockerfile", $"FROM base\n{line}\n")).Stages[0].Instructions);

    private static string Generate(Random random)
    {
        string Word() => s_words[random.Next(s_words.Length)];
        string Name() => s_words[random.Next(5)];
        string Words() => string.Join(random.Next(4) == 0 ? " \\\n  " : " ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Word()));
        string Json() => $"[{string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"\"{Word()} x\""))}]";
        string Command() => random.Next(2) == 0 ? "x " + Words() : Json();
        string Pairs() => string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(i => $"n{i}={(random.Next(2) == 0 ? Name() : $"\"{Name()} y\"")}"));
        string Flag(string text) => random.Next(2) == 0 ? $" {text}" : "";
        return random.Next(17) switch
        {
            0 => $"RUN{Flag("--mount=type=cache,target=/c")}{Flag("--mount=type=secret,id=s")}{Flag("--network=none")}"
                + $"{Flag("--security=insecure")} {Command()}",
            1 => $"RUN <<EOF\n{Words()}\n\tmore\nEOF",
            2 => $"CMD {Command()}",
            3 => $"ENTRYPOINT {Command()}",
            4 => $"COPY{Flag("--from=x")}{Flag("--chown=1:2")}{Flag("--chmod=644")}{Flag("--link")}{Flag("--parents")}{Flag("--exclude=*.o")}{Flag("--exclude=q")} {Name()} {Name()} /to/",
            5 => $"COPY [\"{Name()} z\", \"/to here/\"]",
            6 => $"COPY <<-\"ONE\" <<TWO {Name()} /to/\n\tone\nONE\n$two\nTWO",
            7 => $"ADD{Flag("--checksum=sha256:" + new string('a', 64))}{Flag("--keep-git-dir")}{Flag("--unpack=false")} https://example.com/{Name()} /to",
            8 => $"ENV {Pairs()}",
            9 => $"env name {Words()}",
            10 => $"LABEL {Pairs()}",
            11 => $"ARG one two={Name()} three=\"{Name()} q\"",
            12 => $"EXPOSE 80 {random.Next(1, 65535)}/udp",
            13 => random.Next(2) == 0 ? $"VOLUME /v /w" : "VOLUME [\"/v w\"]",
            14 => random.Next(2) == 0 ? $"WORKDIR {Name()}" : $"USER {random.Next(100)}:x",
            15 => random.Next(2) == 0 ? $"HEALTHCHECK{Flag("--interval=5s")}{Flag("--retries=2")} CMD {Command()}" : "HEALTHCHECK NONE",
            _ => random.Next(4) switch { 0 => $"ONBUILD RUN x {Words()}", 1 => "STOPSIGNAL 9", 2 => $"SHELL {Json()}", _ => "MAINTAINER some one" },
        };
    }

    /// <summary>The canonical text of an instruction.</summary>
    private static string Print(Instruction instruction)
    {
        static string Array(IEnumerable<string> words) =>
            $"[{string.Join(", ", words.Select(word => $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}]";
        static string Documents(IEnumerable<Heredoc> documents) => string.Concat(documents.Select(document => $"\n{document.Content}{document.Name}"));
        static string Mark(Heredoc document) => $"<<{(document.StripTabs ? "-" : "")}{(document.Expand ? document.Name : $"\"{document.Name}\"")}";
        static string Command(CommandLine command) => command.IsShell ? command.ShellText + Documents(command.Heredocs) : Array(command.Words);
        static string Flags(params ReadOnlySpan<(string Name, string? Value)> flags)
        {
            var text = new StringBuilder();
            foreach (var (name, value) in flags)
                text.Append(value is null ? "" : $" --{name}={value}");
            return text.ToString();
        }
        static string Transfer(TransferInstruction transfer, string flags)
        {
            flags += Flags(("chown", transfer.Chown), ("chmod", transfer.Chmod), ("link", transfer.Link ? "true" : null))
                + string.Concat(transfer.Excludes.Select(exclude => $" --exclude={exclude}"));
            return transfer.Documents.Count > 0
                ? $"{flags} {string.Join(' ', [.. transfer.Documents.Select(Mark), .. transfer.Sources])} {transfer.Destination}{Documents(transfer.Documents)}"
                : $"{flags} {Array([.. transfer.Sources, transfer.Destination])}";
        }
        static string Pairs(IEnumerable<KeyValue> pairs, bool isLegacy) =>
            isLegacy ? string.Join(' ', pairs.Select(pair => $"{pair.Key} {pair.Value}")) : string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"));
        return instruction.Name + instruction switch
        {
            RunInstruction run =>
                $"{string.Concat(run.Mounts.Select(mount => $" --mount={mount}"))}{Flags(("network", run.Network), ("security", run.Security))} {Command(run.Command)}",
            CmdInstruction cmd => $" {Command(cmd.Command)}",
            EntrypointInstruction entrypoint => $" {Command(entrypoint.Command)}",
            CopyInstruction copy => Transfer(copy, Flags(("from", copy.From), ("parents", copy.Parents ? "true" : null))),
            AddInstruction add =>
                Transfer(add, Flags(("checksum", add.Checksum), ("keep-git-dir", add.KeepGitDir ? "true" : null),
                    ("unpack", add.Unpack is { } unpack ? (unpack ? "true" : "false") : null))),
            EnvInstruction env => $" {Pairs(env.Pairs, env.IsLegacy)}",
            LabelInstruction label => $" {Pairs(label.Pairs, label.IsLegacy)}",
            ArgInstruction arg => $" {string.Join(' ', arg.Arguments.Select(one => one.Default is null ? one.Name : $"{one.Name}={one.Default}"))}",
            ExposeInstruction expose => $" {string.Join(' ', expose.Ports)}",
            VolumeInstruction volume => $" {Array(volume.Paths)}",
            WorkdirInstruction workdir => $" {workdir.Path}",
            UserInstruction user => $" {user.User}",
            HealthcheckInstruction { Command: null } => " NONE",
            HealthcheckInstruction health =>
                $"{string.Concat(health.Options.OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $" --{option.Key}={option.Value}"))} CMD {Command(health.Command)}",
            OnBuildInstruction trigger => $" {trigger.Trigger}",
            StopSignalInstruction signal => $" {signal.Signal}",
            ShellInstruction shell => $" {Array(shell.Words)}",
            MaintainerInstruction maintainer => $" {maintainer.Maintainer}",
            _ => throw new InvalidOperationException(instruction.Name),
        };
    }

    /// <summary>All that an instruction means, and nothing of how it was written.</summary>
    private static string Describe(Instruction instruction)
    {
        static string List(IEnumerable<string> texts) => string.Join('\u001f', texts);
        static string Document(Heredoc one) => $"{one.Name}|{one.Content}|{one.Expand}|{one.StripTabs}";
        static string Command(CommandLine? command) =>
            command is null ? "none" : $"{command.IsShell}|{List(command.Words)}|{List(command.Heredocs.Select(Document))}";
        static string Transfer(TransferInstruction one) =>
            $"{List(one.Sources)}|{one.Destination}|{List(one.Documents.Select(Document))}|{one.Chown}|{one.Chmod}|{one.Link}|{List(one.Excludes)}";
        return instruction.Name + "|" + instruction switch
        {
            RunInstruction run => $"{Command(run.Command)}|{List(run.Mounts)}|{run.Network}|{run.Security}|{List(run.Devices)}",
            CmdInstruction cmd => Command(cmd.Command),
            EntrypointInstruction entrypoint => Command(entrypoint.Command),
            CopyInstruction copy => $"{Transfer(copy)}|{copy.From}|{copy.Parents}",
            AddInstruction add => $"{Transfer(add)}|{add.Checksum}|{add.KeepGitDir}|{add.Unpack}",
            EnvInstruction env => List(env.Pairs.Select(pair => $"{pair.Key}={pair.Value}")),
            LabelInstruction label => List(label.Pairs.Select(pair => $"{pair.Key}={pair.Value}")),
            ArgInstruction arg => List(arg.Arguments.Select(one => $"{one.Name}={one.Default ?? "none"}")),
            ExposeInstruction expose => List(expose.Ports),
            VolumeInstruction volume => List(volume.Paths),
            HealthcheckInstruction health =>
                $"{Command(health.Command)}|{List(health.Options.OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $"{option.Key}={option.Value}"))}",
            WorkdirInstruction workdir => workdir.Path,
            UserInstruction user => user.User,
            OnBuildInstruction trigger => trigger.Trigger,
            StopSignalInstruction signal => signal.Signal,
            ShellInstruction shell => List(shell.Words),
            MaintainerInstruction maintainer => maintainer.Maintainer,
            _ => throw new InvalidOperationException(instruction.Name),
        };
    }
}
