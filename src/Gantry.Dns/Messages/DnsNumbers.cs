namespace Gantry.Dns.Messages;

/// <summary>Types of records and questions (RFC 1035 and others) that this library knows by name; any other number is carried as it is.</summary>
public enum DnsType : ushort
{
    /// <summary>No type.</summary>
    None = 0,

    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>A name server.</summary>
    Ns = 2,

    /// <summary>The name that this name stands for.</summary>
    Cname = 5,

    /// <summary>The start of a zone: with it a negative answer says how long it holds.</summary>
    Soa = 6,

    /// <summary>The name of an address.</summary>
    Ptr = 12,

    /// <summary>A mail server.</summary>
    Mx = 15,

    /// <summary>Text.</summary>
    Txt = 16,

    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>Host and port of a service (RFC 2782).</summary>
    Srv = 33,

    /// <summary>Not a record but what EDNS adds to a message (RFC 6891).</summary>
    Opt = 41,

    /// <summary>Everything.</summary>
    Any = 255,
}

/// <summary>How a question was answered (RCODE).</summary>
public enum DnsResponseCode
{
    /// <summary>NOERROR: with records, or without if there are none of the type.</summary>
    Success = 0,

    /// <summary>FORMERR: the question makes no sense.</summary>
    FormatError = 1,

    /// <summary>SERVFAIL: nobody could be asked.</summary>
    ServerFailure = 2,

    /// <summary>NXDOMAIN: there is no such name.</summary>
    NoSuchName = 3,

    /// <summary>NOTIMP: that is not done here.</summary>
    NotImplemented = 4,

    /// <summary>REFUSED: not for you.</summary>
    Refused = 5,

    /// <summary>BADVERS: a version of EDNS that is not known here (RFC 6891).</summary>
    BadVersion = 16,
}

/// <summary>Bits of the second word of a header.</summary>
[Flags]
public enum DnsFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>CD: the client checks signatures itself.</summary>
    CheckingDisabled = 0x0010,

    /// <summary>AD: signatures were checked.</summary>
    AuthenticData = 0x0020,

    /// <summary>RA: the server asks others.</summary>
    RecursionAvailable = 0x0080,

    /// <summary>RD: the server should ask others.</summary>
    RecursionDesired = 0x0100,

    /// <summary>TC: the answer did not fit; it is to be asked for over TCP.</summary>
    Truncated = 0x0200,

    /// <summary>AA: the server has it first hand.</summary>
    Authoritative = 0x0400,

    /// <summary>QR: it is an answer.</summary>
    Response = 0x8000,
}

/// <summary>Numbers of the protocol.</summary>
public static class DnsLimits
{
    /// <summary>Bytes of the header of a message.</summary>
    public const int HeaderSize = 12;

    /// <summary>The longest message over UDP to a client without EDNS.</summary>
    public const int PlainDatagram = 512;

    /// <summary>The longest message over TCP.</summary>
    public const int LongestMessage = ushort.MaxValue;

    /// <summary>The class of the internet, the only one in use.</summary>
    public const ushort InternetClass = 1;
}
