using System.Net;
using Gantry.Dns.Messages;
using Gantry.Dns.Zones;

namespace Gantry.Dns.Tests;

public class NameViewTests
{
    private readonly NameZone _zone = new();

    public NameViewTests()
    {
        _zone.Set("one", Host(["Web-1", "web", "0123456789ab"], "10.0.0.2", "fd00::2"));
        _zone.Set("two", Host(["web-2", "web"], "10.0.0.3"));
    }

    [Fact]
    public void Names_aliases_and_short_ids_stand_for_addresses()
    {
        Assert.Equal(["10.0.0.2"], Addresses(Ask("web-1", DnsType.A)));
        Assert.Equal(["10.0.0.2"], Addresses(Ask("WEB-1", DnsType.A)));
        Assert.Equal(["10.0.0.2"], Addresses(Ask("0123456789ab", DnsType.A)));
        Assert.Equal(["10.0.0.2"], Addresses(Ask("web-1.mynet", DnsType.A)));
        Assert.Equal(["fd00::2"], Addresses(Ask("web-1", DnsType.Aaaa)));
    }

    [Fact]
    public void What_exists_without_such_records_is_answered_with_none()
    {
        Assert.Equal((DnsResponseCode.Success, 0), Outcome(Ask("web-2", DnsType.Aaaa)));
        Assert.Equal((DnsResponseCode.Success, 0), Outcome(Ask("web", DnsType.Mx)));
        Assert.Null(Ask("other", DnsType.A));
        Assert.Null(Ask("web.othernet", DnsType.A));
    }

    [Fact]
    public void Addresses_of_one_name_take_turns()
    {
        var firsts = Enumerable.Range(0, 30).Select(_ => Addresses(Ask("web", DnsType.A))).ToList();
        Assert.All(firsts, addresses => Assert.Equal(["10.0.0.2", "10.0.0.3"], addresses.Order()));
        Assert.Equal(2, firsts.Select(addresses => addresses[0]).Distinct().Count());
    }

    [Fact]
    public void Addresses_have_names()
    {
        Assert.Equal(DnsMessage.NameBytes("web-1.mynet"), Ask("2.0.0.10.in-addr.arpa", DnsType.Ptr)!.Answers.Single().Data);
        var nibbles = string.Join('.', Convert.ToHexStringLower(IPAddress.Parse("fd00::2").GetAddressBytes()).Reverse()) + ".ip6.arpa";
        Assert.Equal(DnsMessage.NameBytes("web-1.mynet"), Ask(nibbles, DnsType.Ptr)!.Answers.Single().Data);
        Assert.Null(Ask("9.0.0.10.in-addr.arpa", DnsType.Ptr));
    }

    [Theory]
    [InlineData("0.0.10.in-addr.arpa")]
    [InlineData("1.2.3.4.5.in-addr.arpa")]
    [InlineData("256.0.0.10.in-addr.arpa")]
    [InlineData("02.0.0.10.in-addr.arpa")]
    [InlineData("x.ip6.arpa")]
    public void What_is_no_address_is_not_taken_for_one(string name) => Assert.Null(ReverseName.Parse(name));

    [Fact]
    public void Services_have_ports()
    {
        _zone.Set("one", Host(["web-1", "web"], "10.0.0.2") with { Services = [new ServiceEntry("http", "tcp", 8080)] });
        var answer = Ask("_http._tcp.web", DnsType.Srv)!;
        Assert.Equal([0, 0, 0, 0, 8080 >> 8, 8080 & 255, .. DnsMessage.NameBytes("web-1.mynet")], answer.Answers.Single().Data);
        Assert.Equal(("web-1.mynet", DnsType.A), (answer.Additionals.Single().Name, answer.Additionals.Single().Type));
        Assert.Null(Ask("_https._tcp.web", DnsType.Srv));
        Assert.Null(Ask("_http", DnsType.Srv));
    }

    [Fact]
    public void Links_are_seen_by_who_has_them()
    {
        Assert.Equal(["10.0.0.3"], Addresses(Ask("db", DnsType.A, new Dictionary<string, string> { ["DB"] = "web-2" })));
        Assert.Null(Ask("db", DnsType.A));
    }

    [Fact]
    public void What_does_not_fit_is_cut_off_and_says_so()
    {
        for (var i = 0; i < 200; i++)
            _zone.Set($"many{i}", Host(["many"], $"10.1.0.{i}"));
        var plain = Ask("many", DnsType.A)!;
        Assert.True(plain.Flags.HasFlag(DnsFlags.Truncated));
        Assert.InRange(plain.Answers.Count, 20, 31);
        Assert.Equal(200, Ask("many", DnsType.A, size: 4096)!.Answers.Count);
    }

    [Fact]
    public void What_was_removed_is_gone_and_the_rest_is_not()
    {
        _zone.Remove("one");
        Assert.Null(Ask("web-1", DnsType.A));
        Assert.Equal(["10.0.0.3"], Addresses(Ask("web", DnsType.A)));
        Assert.Null(Ask("2.0.0.10.in-addr.arpa", DnsType.Ptr));
        Assert.Equal(1, _zone.Count);
    }

    private static NameEntry Host(string[] names, params string[] addresses) => new(names, [.. addresses.Select(IPAddress.Parse)], []);

    private static List<string> Addresses(DnsMessage? answer) => [.. answer!.Answers.Select(record => new IPAddress(record.Data).ToString())];

    private static (DnsResponseCode, int) Outcome(DnsMessage? answer) => (answer!.Code, answer.Answers.Count);

    private readonly Dictionary<string, string> _none = [];
    private NameView? _view;

    private DnsMessage? Ask(string name, DnsType type, Dictionary<string, string>? links = null, ushort size = 0)
    {
        var view = links is null ? _view ??= new NameView([new ViewedNetwork(_zone, "MyNet", _none)])
            : new NameView([new ViewedNetwork(_zone, "mynet", links)]);
        var question = Questions.Ask(name, type, edns: size > 0, size: size);
        var query = Questions.Read(question, out var read);
        var buffer = new byte[4096];
        var length = view.Answer(question, query, read, buffer, query.DatagramSize);
        return length == 0 ? null : DnsMessage.Parse(buffer.AsSpan(0, length)) ?? throw new InvalidDataException("the answer is no message");
    }
}
