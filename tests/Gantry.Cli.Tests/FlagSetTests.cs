using Gantry.Cli.Flags;
using Gantry.Oci.Values;

namespace Gantry.Cli.Tests;

public class FlagSetTests
{
    private sealed class Sample
    {
        public Sample(bool interspersed = true)
        {
            Flags = new FlagSet { Interspersed = interspersed };
            Detach = Flags.Bool("detach", 'd', "");
            Interactive = Flags.Bool("interactive", 'i', "");
            Name = Flags.String("name", 'n', "");
            Env = Flags.List("env", 'e', "");
            Memory = Flags.Bytes("memory", 'm', "");
        }

        public FlagSet Flags { get; }

        public BoolFlag Detach { get; }

        public BoolFlag Interactive { get; }

        public ValueFlag<string> Name { get; }

        public ListFlag<string> Env { get; }

        public ValueFlag<long> Memory { get; }
    }

    [Theory]
    [InlineData("-di")]
    [InlineData("-d -i")]
    [InlineData("--detach --interactive")]
    [InlineData("-d=true --interactive=1")]
    public void Switches(string line)
    {
        var sample = new Sample();
        Assert.Empty(sample.Flags.Parse(line.Split(' ')));
        Assert.True(sample.Detach.Value && sample.Interactive.Value && sample.Detach.Changed);
    }

    [Theory]
    [InlineData("-dnx")]
    [InlineData("-dn=x")]
    [InlineData("-d -n x")]
    [InlineData("--name=x -d")]
    [InlineData("--name x -d")]
    public void Values(string line)
    {
        var sample = new Sample();
        sample.Flags.Parse(line.Split(' '));
        Assert.Equal((true, "x"), (sample.Detach.Value, sample.Name.Value));
    }

    [Theory]
    [InlineData("--nope", "unknown flag: --nope")]
    [InlineData("-xd", "unknown shorthand flag: 'x' in -xd")]
    [InlineData("-dx", "unknown shorthand flag: 'x' in -x")]
    [InlineData("--name", "flag needs an argument: --name")]
    [InlineData("-dn", "flag needs an argument: 'n' in -n")]
    [InlineData("--=x", "bad flag syntax: --=x")]
    [InlineData("---x", "bad flag syntax: ---x")]
    [InlineData("--detach=x", "invalid argument \"x\" for \"-d, --detach\" flag: strconv.ParseBool: parsing \"x\": invalid syntax")]
    [InlineData("-m 1x", "invalid argument \"1x\" for \"-m, --memory\" flag: invalid suffix: 'x'")]
    public void Mistakes(string line, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => new Sample().Flags.Parse(line.Split(' '))).Message);

    /// <summary>However flags are written and mixed with arguments, the same comes out.</summary>
    [Fact]
    public void Every_spelling_means_the_same()
    {
        var random = new Random(4);
        for (var round = 0; round < 2000; round++)
        {
            var words = new List<string>();
            var env = new List<string>();
            var positional = new List<string>();
            string? name = null;
            var detach = false;
            for (var count = random.Next(8); count > 0; count--)
            {
                var value = RandomValue(random);
                switch (random.Next(4))
                {
                    case 0:
                        env.Add(value);
                        words.AddRange(Spell(random, 'e', "env", value));
                        break;
                    case 1:
                        name = value;
                        words.AddRange(Spell(random, 'n', "name", value));
                        break;
                    case 2:
                        detach = true;
                        words.Add(random.Next(2) == 0 ? "-d" : "--detach");
                        break;
                    default:
                        positional.Add("p" + value);
                        words.Add("p" + value);
                        break;
                }
            }
            if (random.Next(3) == 0)
            {
                words.AddRange(["--", "-d", "--nope"]);
                positional.AddRange(["-d", "--nope"]);
            }
            var sample = new Sample();
            Assert.Equal(positional, sample.Flags.Parse(words.ToArray()));
            Assert.Equal(env, sample.Env.Values);
            Assert.Equal((name ?? "", detach), (sample.Name.Value, sample.Detach.Value));
        }
    }

    [Fact]
    public void Without_interspersing_the_first_argument_ends_the_flags()
    {
        var sample = new Sample(interspersed: false);
        Assert.Equal(["ls", "-d", "--name", "x"], sample.Flags.Parse(["-d", "ls", "-d", "--name", "x"]));
        Assert.False(sample.Name.Changed);
    }

    [Theory]
    [InlineData("64m", 64L << 20)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1024", 1024L)]
    [InlineData("10 kb", 10240L)]
    public void Sizes(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("1h15m30.5s", 4530_500_000_000L)]
    [InlineData("-1.5h", -5400_000_000_000L)]
    [InlineData("100ms", 100_000_000L)]
    [InlineData("0", 0L)]
    public void Durations(string text, long nanoseconds) => Assert.Equal(nanoseconds, GoDuration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1x")]
    [InlineData("s")]
    public void What_is_no_duration(string text) => Assert.Throws<FormatException>(() => GoDuration.Parse(text));

    [Theory]
    [InlineData(".5", 500_000_000L)]
    [InlineData("1.25", 1_250_000_000L)]
    [InlineData("3/2", 1_500_000_000L)]
    public void Cpus(string text, long billionths) => Assert.Equal(billionths, FlagValues.ParseCpus(text));

    private static string RandomValue(Random random)
    {
        const string letters = "abc=-,: /$é";
        return string.Create(random.Next(1, 8), random, static (span, random) =>
        {
            for (var at = 0; at < span.Length; at++)
                span[at] = letters[random.Next(letters.Length)];
        });
    }

    private static string[] Spell(Random random, char shorthand, string name, string value) => random.Next(5) switch
    {
        0 => [$"--{name}={value}"],
        1 => [$"--{name}", value],
        2 => [$"-{shorthand}={value}"],
        3 when !value.StartsWith('=') => [$"-{shorthand}{value}"],
        _ => [$"-{shorthand}", value],
    };
}
