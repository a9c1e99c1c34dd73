namespace Gantry.Os;

/// <summary>An error number of the kernel (errno(3)); 0 means success.</summary>
/// <param name="Value">The positive number.</param>
public readonly record struct Errno(int Value)
{
    /// <summary>Operation not permitted.</summary>
    public static Errno EPERM => new(1);

    /// <summary>No such file or directory.</summary>
    public static Errno ENOENT => new(2);

    /// <summary>No such process.</summary>
    public static Errno ESRCH => new(3);

    /// <summary>Interrupted system call.</summary>
    public static Errno EINTR => new(4);

    /// <summary>Input/output error.</summary>
    public static Errno EIO => new(5);

    /// <summary>No such device or address.</summary>
    public static Errno ENXIO => new(6);

    /// <summary>Argument list too long.</summary>
    public static Errno E2BIG => new(7);

    /// <summary>Exec format error.</summary>
    public static Errno ENOEXEC => new(8);

    /// <summary>Bad file descriptor.</summary>
    public static Errno EBADF => new(9);

    /// <summary>No child processes.</summary>
    public static Errno ECHILD => new(10);

    /// <summary>Resource temporarily unavailable.</summary>
    public static Errno EAGAIN => new(11);

    /// <summary>Cannot allocate memory.</summary>
    public static Errno ENOMEM => new(12);

    /// <summary>Permission denied.</summary>
    public static Errno EACCES => new(13);

    /// <summary>Bad address.</summary>
    public static Errno EFAULT => new(14);

    /// <summary>Block device required.</summary>
    public static Errno ENOTBLK => new(15);

    /// <summary>Device or resource busy.</summary>
    public static Errno EBUSY => new(16);

    /// <summary>File exists.</summary>
    public static Errno EEXIST => new(17);

    /// <summary>Invalid cross-device link.</summary>
    public static Errno EXDEV => new(18);

    /// <summary>No such device.</summary>
    public static Errno ENODEV => new(19);

    /// <summary>Not a directory.</summary>
    public static Errno ENOTDIR => new(20);

    /// <summary>Is a directory.</summary>
    public static Errno EISDIR => new(21);

    /// <summary>Invalid argument.</summary>
    public static Errno EINVAL => new(22);

    /// <summary>Too many open files in system.</summary>
    public static Errno ENFILE => new(23);

    /// <summary>Too many open files.</summary>
    public static Errno EMFILE => new(24);

    /// <summary>Inappropriate ioctl for device.</summary>
    public static Errno ENOTTY => new(25);

    /// <summary>Text file busy.</summary>
    public static Errno ETXTBSY => new(26);

    /// <summary>File too large.</summary>
    public static Errno EFBIG => new(27);

    /// <summary>No space left on device.</summary>
    public static Errno ENOSPC => new(28);

    /// <summary>Illegal seek.</summary>
    public static Errno ESPIPE => new(29);

    /// <summary>Read-only file system.</summary>
    public static Errno EROFS => new(30);

    /// <summary>Too many links.</summary>
    public static Errno EMLINK => new(31);

    /// <summary>Broken pipe.</summary>
    public static Errno EPIPE => new(32);

    /// <summary>Numerical argument out of domain.</summary>
    public static Errno EDOM => new(33);

    /// <summary>Numerical result out of range.</summary>
    public static Errno ERANGE => new(34);

    /// <summary>Resource deadlock avoided.</summary>
    public static Errno EDEADLK => new(35);

    /// <summary>File name too long.</summary>
    public static Errno ENAMETOOLONG => new(36);

    /// <summary>No locks available.</summary>
    public static Errno ENOLCK => new(37);

    /// <summary>Function not implemented.</summary>
    public static Errno ENOSYS => new(38);

    /// <summary>Directory not empty.</summary>
    public static Errno ENOTEMPTY => new(39);

    /// <summary>Too many levels of symbolic links.</summary>
    public static Errno ELOOP => new(40);

    /// <summary>No message of desired type.</summary>
    public static Errno ENOMSG => new(42);

    /// <summary>Identifier removed.</summary>
    public static Errno EIDRM => new(43);

    /// <summary>Channel number out of range.</summary>
    public static Errno ECHRNG => new(44);

    /// <summary>Level 2 not synchronized.</summary>
    public static Errno EL2NSYNC => new(45);

    /// <summary>Level 3 halted.</summary>
    public static Errno EL3HLT => new(46);

    /// <summary>Level 3 reset.</summary>
    public static Errno EL3RST => new(47);

    /// <summary>Link number out of range.</summary>
    public static Errno ELNRNG => new(48);

    /// <summary>Protocol driver not attached.</summary>
    public static Errno EUNATCH => new(49);

    /// <summary>No CSI structure available.</summary>
    public static Errno ENOCSI => new(50);

    /// <summary>Level 2 halted.</summary>
    public static Errno EL2HLT => new(51);

    /// <summary>Invalid exchange.</summary>
    public static Errno EBADE => new(52);

    /// <summary>Invalid request descriptor.</summary>
    public static Errno EBADR => new(53);

    /// <summary>Exchange full.</summary>
    public static Errno EXFULL => new(54);

    /// <summary>No anode.</summary>
    public static Errno ENOANO => new(55);

    /// <summary>Invalid request code.</summary>
    public static Errno EBADRQC => new(56);

    /// <summary>Invalid slot.</summary>
    public static Errno EBADSLT => new(57);

    /// <summary>Bad font file format.</summary>
    public static Errno EBFONT => new(59);

    /// <summary>Device not a stream.</summary>
    public static Errno ENOSTR => new(60);

    /// <summary>No data available.</summary>
    public static Errno ENODATA => new(61);

    /// <summary>Timer expired.</summary>
    public static Errno ETIME => new(62);

    /// <summary>Out of streams resources.</summary>
    public static Errno ENOSR => new(63);

    /// <summary>Machine is not on the network.</summary>
    public static Errno ENONET => new(64);

    /// <summary>Package not installed.</summary>
    public static Errno ENOPKG => new(65);

    /// <summary>Object is remote.</summary>
    public static Errno EREMOTE => new(66);

    /// <summary>Link has been severed.</summary>
    public static Errno ENOLINK => new(67);

    /// <summary>Advertise error.</summary>
    public static Errno EADV => new(68);

    /// <summary>Srmount error.</summary>
    public static Errno ESRMNT => new(69);

    /// <summary>Communication error on send.</summary>
    public static Errno ECOMM => new(70);

    /// <summary>Protocol error.</summary>
    public static Errno EPROTO => new(71);

    /// <summary>Multihop attempted.</summary>
    public static Errno EMULTIHOP => new(72);

    /// <summary>RFS specific error.</summary>
    public static Errno EDOTDOT => new(73);

    /// <summary>Bad message.</summary>
    public static Errno EBADMSG => new(74);

    /// <summary>Value too large for defined data type.</summary>
    public static Errno EOVERFLOW => new(75);

    /// <summary>Name not unique on network.</summary>
    public static Errno ENOTUNIQ => new(76);

    /// <summary>File descriptor in bad state.</summary>
    public static Errno EBADFD => new(77);

    /// <summary>Remote address changed.</summary>
    public static Errno EREMCHG => new(78);

    /// <summary>Can not access a needed shared library.</summary>
    public static Errno ELIBACC => new(79);

    /// <summary>Accessing a corrupted shared library.</summary>
    public static Errno ELIBBAD => new(80);

    /// <summary>.lib section in a.out corrupted.</summary>
    public static Errno ELIBSCN => new(81);

    /// <summary>Attempting to link in too many shared libraries.</summary>
    public static Errno ELIBMAX => new(82);

    /// <summary>Cannot exec a shared library directly.</summary>
    public static Errno ELIBEXEC => new(83);

    /// <summary>Invalid or incomplete multibyte or wide character.</summary>
    public static Errno EILSEQ => new(84);

    /// <summary>Interrupted system call should be restarted.</summary>
    public static Errno ERESTART => new(85);

    /// <summary>Streams pipe error.</summary>
    public static Errno ESTRPIPE => new(86);

    /// <summary>Too many users.</summary>
    public static Errno EUSERS => new(87);

    /// <summary>Socket operation on non-socket.</summary>
    public static Errno ENOTSOCK => new(88);

    /// <summary>Destination address required.</summary>
    public static Errno EDESTADDRREQ => new(89);

    /// <summary>Message too long.</summary>
    public static Errno EMSGSIZE => new(90);

    /// <summary>Protocol wrong type for socket.</summary>
    public static Errno EPROTOTYPE => new(91);

    /// <summary>Protocol not available.</summary>
    public static Errno ENOPROTOOPT => new(92);

    /// <summary>Protocol not supported.</summary>
    public static Errno EPROTONOSUPPORT => new(93);

    /// <summary>Socket type not supported.</summary>
    public static Errno ESOCKTNOSUPPORT => new(94);

    /// <summary>Operation not supported.</summary>
    public static Errno EOPNOTSUPP => new(95);

    /// <summary>Protocol family not supported.</summary>
    public static Errno EPFNOSUPPORT => new(96);

    /// <summary>Address family not supported by protocol.</summary>
    public static Errno EAFNOSUPPORT => new(97);

    /// <summary>Address already in use.</summary>
    public static Errno EADDRINUSE => new(98);

    /// <summary>Cannot assign requested address.</summary>
    public static Errno EADDRNOTAVAIL => new(99);

    /// <summary>Network is down.</summary>
    public static Errno ENETDOWN => new(100);

    /// <summary>Network is unreachable.</summary>
    public static Errno ENETUNREACH => new(101);

    /// <summary>Network dropped connection on reset.</summary>
    public static Errno ENETRESET => new(102);

    /// <summary>Software caused connection abort.</summary>
    public static Errno ECONNABORTED => new(103);

    /// <summary>Connection reset by peer.</summary>
    public static Errno ECONNRESET => new(104);

    /// <summary>No buffer space available.</summary>
    public static Errno ENOBUFS => new(105);

    /// <summary>Transport endpoint is already connected.</summary>
    public static Errno EISCONN => new(106);

    /// <summary>Transport endpoint is not connected.</summary>
    public static Errno ENOTCONN => new(107);

    /// <summary>Cannot send after transport endpoint shutdown.</summary>
    public static Errno ESHUTDOWN => new(108);

    /// <summary>Too many references: cannot splice.</summary>
    public static Errno ETOOMANYREFS => new(109);

    /// <summary>Connection timed out.</summary>
    public static Errno ETIMEDOUT => new(110);

    /// <summary>Connection refused.</summary>
    public static Errno ECONNREFUSED => new(111);

    /// <summary>Host is down.</summary>
    public static Errno EHOSTDOWN => new(112);

    /// <summary>No route to host.</summary>
    public static Errno EHOSTUNREACH => new(113);

    /// <summary>Operation already in progress.</summary>
    public static Errno EALREADY => new(114);

    /// <summary>Operation now in progress.</summary>
    public static Errno EINPROGRESS => new(115);

    /// <summary>Stale file handle.</summary>
    public static Errno ESTALE => new(116);

    /// <summary>Structure needs cleaning.</summary>
    public static Errno EUCLEAN => new(117);

    /// <summary>Not a XENIX named type file.</summary>
    public static Errno ENOTNAM => new(118);

    /// <summary>No XENIX semaphores available.</summary>
    public static Errno ENAVAIL => new(119);

    /// <summary>Is a named type file.</summary>
    public static Errno EISNAM => new(120);

    /// <summary>Remote I/O error.</summary>
    public static Errno EREMOTEIO => new(121);

    /// <summary>Disk quota exceeded.</summary>
    public static Errno EDQUOT => new(122);

    /// <summary>No medium found.</summary>
    public static Errno ENOMEDIUM => new(123);

    /// <summary>Wrong medium type.</summary>
    public static Errno EMEDIUMTYPE => new(124);

    /// <summary>Operation canceled.</summary>
    public static Errno ECANCELED => new(125);

    /// <summary>Required key not available.</summary>
    public static Errno ENOKEY => new(126);

    /// <summary>Key has expired.</summary>
    public static Errno EKEYEXPIRED => new(127);

    /// <summary>Key has been revoked.</summary>
    public static Errno EKEYREVOKED => new(128);

    /// <summary>Key was rejected by service.</summary>
    public static Errno EKEYREJECTED => new(129);

    /// <summary>Owner died.</summary>
    public static Errno EOWNERDEAD => new(130);

    /// <summary>State not recoverable.</summary>
    public static Errno ENOTRECOVERABLE => new(131);

    /// <summary>Operation not possible due to RF-kill.</summary>
    public static Errno ERFKILL => new(132);

    /// <summary>The symbol of errno(3), e.g. <c>ENOENT</c>; <c>errno 4095</c> for a number without one.</summary>
    public string Name => Text.Name;

    /// <summary>The kernel's words for it, e.g. <c>no such file or directory</c>.</summary>
    public string Description => Text.Description;

    /// <inheritdoc/>
    public override string ToString() => Name;

    // A switch, not a table: a static table would have to be built at start, on the path of every short-lived command.
    private (string Name, string Description) Text => Value switch
    {
        0 => ("OK", "success"),
        1 => ("EPERM", "operation not permitted"),
        2 => ("ENOENT", "no such file or directory"),
        3 => ("ESRCH", "no such process"),
        4 => ("EINTR", "interrupted system call"),
        5 => ("EIO", "input/output error"),
        6 => ("ENXIO", "no such device or address"),
        7 => ("E2BIG", "argument list too long"),
        8 => ("ENOEXEC", "exec format error"),
        9 => ("EBADF", "bad file descriptor"),
        10 => ("ECHILD", "no child processes"),
        11 => ("EAGAIN", "resource temporarily unavailable"),
        12 => ("ENOMEM", "cannot allocate memory"),
        13 => ("EACCES", "permission denied"),
        14 => ("EFAULT", "bad address"),
        15 => ("ENOTBLK", "block device required"),
        16 => ("EBUSY", "device or resource busy"),
        17 => ("EEXIST", "file exists"),
        18 => ("EXDEV", "invalid cross-device link"),
        19 => ("ENODEV", "no such device"),
        20 => ("ENOTDIR", "not a directory"),
        21 => ("EISDIR", "is a directory"),
        22 => ("EINVAL", "invalid argument"),
        23 => ("ENFILE", "too many open files in system"),
        24 => ("EMFILE", "too many open files"),
        25 => ("ENOTTY", "inappropriate ioctl for device"),
        26 => ("ETXTBSY", "text file busy"),
        27 => ("EFBIG", "file too large"),
        28 => ("ENOSPC", "no space left on device"),
        29 => ("ESPIPE", "illegal seek"),
        30 => ("EROFS", "read-only file system"),
        31 => ("EMLINK", "too many links"),
        32 => ("EPIPE", "broken pipe"),
        33 => ("EDOM", "numerical argument out of domain"),
        34 => ("ERANGE", "numerical result out of range"),
        35 => ("EDEADLK", "resource deadlock avoided"),
        36 => ("ENAMETOOLONG", "file name too long"),
        37 => ("ENOLCK", "no locks available"),
        38 => ("ENOSYS", "function not implemented"),
        39 => ("ENOTEMPTY", "directory not empty"),
        40 => ("ELOOP", "too many levels of symbolic links"),
        42 => ("ENOMSG", "no message of desired type"),
        43 => ("EIDRM", "identifier removed"),
        44 => ("ECHRNG", "channel number out of range"),
        45 => ("EL2NSYNC", "level 2 not synchronized"),
        46 => ("EL3HLT", "level 3 halted"),
        47 => ("EL3RST", "level 3 reset"),
        48 => ("ELNRNG", "link number out of range"),
        49 => ("EUNATCH", "protocol driver not attached"),
        50 => ("ENOCSI", "no CSI structure available"),
        51 => ("EL2HLT", "level 2 halted"),
        52 => ("EBADE", "invalid exchange"),
        53 => ("EBADR", "invalid request descriptor"),
        54 => ("EXFULL", "exchange full"),
        55 => ("ENOANO", "no anode"),
        56 => ("EBADRQC", "invalid request code"),
        57 => ("EBADSLT", "invalid slot"),
        59 => ("EBFONT", "bad font file format"),
        60 => ("ENOSTR", "device not a stream"),
        61 => ("ENODATA", "no data available"),
        62 => ("ETIME", "timer expired"),
        63 => ("ENOSR", "out of streams resources"),
        64 => ("ENONET", "machine is not on the network"),
        65 => ("ENOPKG", "package not installed"),
        66 => ("EREMOTE", "object is remote"),
        67 => ("ENOLINK", "link has been severed"),
        68 => ("EADV", "advertise error"),
        69 => ("ESRMNT", "srmount error"),
        70 => ("ECOMM", "communication error on send"),
        71 => ("EPROTO", "protocol error"),
        72 => ("EMULTIHOP", "multihop attempted"),
        73 => ("EDOTDOT", "RFS specific error"),
        74 => ("EBADMSG", "bad message"),
        75 => ("EOVERFLOW", "value too large for defined data type"),
        76 => ("ENOTUNIQ", "name not unique on network"),
        77 => ("EBADFD", "file descriptor in bad state"),
        78 => ("EREMCHG", "remote address changed"),
        79 => ("ELIBACC", "can not access a needed shared library"),
        80 => ("ELIBBAD", "accessing a corrupted shared library"),
        81 => ("ELIBSCN", ".lib section in a.out corrupted"),
        82 => ("ELIBMAX", "attempting to link in too many shared libraries"),
        83 => ("ELIBEXEC", "cannot exec a shared library directly"),
        84 => ("EILSEQ", "invalid or incomplete multibyte or wide character"),
        85 => ("ERESTART", "interrupted system call should be restarted"),
        86 => ("ESTRPIPE", "streams pipe error"),
        87 => ("EUSERS", "too many users"),
        88 => ("ENOTSOCK", "socket operation on non-socket"),
        89 => ("EDESTADDRREQ", "destination address required"),
        90 => ("EMSGSIZE", "message too long"),
        91 => ("EPROTOTYPE", "protocol wrong type for socket"),
        92 => ("ENOPROTOOPT", "protocol not available"),
        93 => ("EPROTONOSUPPORT", "protocol not supported"),
        94 => ("ESOCKTNOSUPPORT", "socket type not supported"),
        95 => ("EOPNOTSUPP", "operation not supported"),
        96 => ("EPFNOSUPPORT", "protocol family not supported"),
        97 => ("EAFNOSUPPORT", "address family not supported by protocol"),
        98 => ("EADDRINUSE", "address already in use"),
        99 => ("EADDRNOTAVAIL", "cannot assign requested address"),
        100 => ("ENETDOWN", "network is down"),
        101 => ("ENETUNREACH", "network is unreachable"),
        102 => ("ENETRESET", "network dropped connection on reset"),
        103 => ("ECONNABORTED", "software caused connection abort"),
        104 => ("ECONNRESET", "connection reset by peer"),
        105 => ("ENOBUFS", "no buffer space available"),
        106 => ("EISCONN", "transport endpoint is already connected"),
        107 => ("ENOTCONN", "transport endpoint is not connected"),
        108 => ("ESHUTDOWN", "cannot send after transport endpoint shutdown"),
        109 => ("ETOOMANYREFS", "too many references: cannot splice"),
        110 => ("ETIMEDOUT", "connection timed out"),
        111 => ("ECONNREFUSED", "connection refused"),
        112 => ("EHOSTDOWN", "host is down"),
        113 => ("EHOSTUNREACH", "no route to host"),
        114 => ("EALREADY", "operation already in progress"),
        115 => ("EINPROGRESS", "operation now in progress"),
        116 => ("ESTALE", "stale file handle"),
        117 => ("EUCLEAN", "structure needs cleaning"),
        118 => ("ENOTNAM", "not a XENIX named type file"),
        119 => ("ENAVAIL", "no XENIX semaphores available"),
        120 => ("EISNAM", "is a named type file"),
        121 => ("EREMOTEIO", "remote I/O error"),
        122 => ("EDQUOT", "disk quota exceeded"),
        123 => ("ENOMEDIUM", "no medium found"),
        124 => ("EMEDIUMTYPE", "wrong medium type"),
        125 => ("ECANCELED", "operation canceled"),
        126 => ("ENOKEY", "required key not available"),
        127 => ("EKEYEXPIRED", "key has expired"),
        128 => ("EKEYREVOKED", "key has been revoked"),
        129 => ("EKEYREJECTED", "key was rejected by service"),
        130 => ("EOWNERDEAD", "owner died"),
        131 => ("ENOTRECOVERABLE", "state not recoverable"),
        132 => ("ERFKILL", "operation not possible due to RF-kill"),
        _ => ($"errno {Value}", "unknown error"),
    };
}
