using System.Diagnostics;
using System.Text;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Tests.Archives;

/// <summary>Archives of another program (GNU tar) in all its formats, and headers by hand.</summary>
public sealed class TarReaderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("gnu")]
    [InlineData("oldgnu")]
    [InlineData("pax")]
    [InlineData("gnu --sparse")]
    [InlineData("pax --sparse --sparse-version=0.0")]
    [InlineData("pax --sparse --sparse-version=0.1")]
    [InlineData("pax --sparse --sparse-version=1.0")]
    [InlineData("pax --xattrs --xattrs-include=*")]
    public async Task GNU_tars_archives_are_read(string format)
    {
        MakeTree(_temporary["source"], format);
        await Run("tar", $"--format={format} --numeric-owner -cf {_temporary["a.tar"]} -C {_temporary["source"]} .");
        using var target = new LayerTarget(_temporary.Open("target"), null, WhiteoutForm.Overlay);
        await LayerApplier.ApplyAsync(File.OpenRead(_temporary["a.tar"]), target);
        using var source = _temporary.Open("source");
        Assert.Equal(TreeListing.Of(source), TreeListing.Of(target.Directory));
        if (format.Contains("--sparse", StringComparison.Ordinal))
            Assert.InRange(FileStatusReader.Read(target.Directory, "sparse"u8).Blocks, 0, 400);
    }

    [Fact]
    public async Task GNU_tar_reads_what_is_written()
    {
        Directory.CreateDirectory(_temporary["source"]);
        new RandomTree(5).Fill(_temporary["source"]);
        using var source = _temporary.Open("source");
        using (var archive = File.Create(_temporary["a.tar"]))
            LayerDiffer.WriteTree(source, archive);
        Directory.CreateDirectory(_temporary["target"]);
        await Run("tar", $"--numeric-owner --xattrs --xattrs-include=* -xpf {_temporary["a.tar"]} -C {_temporary["target"]}");
        using var target = _temporary.Open("target");
        Assert.Equal(TreeListing.Of(source), TreeListing.Of(target));
    }

    [Fact]
    public async Task Gzip_is_found_out_by_its_first_bytes()
    {
        MakeTree(_temporary["source"], "gnu");
        await Run("tar", $"-cf {_temporary["a.tar"]} -C {_temporary["source"]} .");
        await Run("gzip", $"-k {_temporary["a.tar"]}");
        var plain = await Apply(File.OpenRead(_temporary["a.tar"]), "plain");
        Assert.Equal(plain, await Apply(File.OpenRead(_temporary["a.tar.gz"]), "gzip"));
    }

    [Fact]
    public async Task Zstd_is_found_out_by_its_first_bytes()
    {
        // A ustar archive of 10,240 bytes with one file, f, compressed by zstd 1.5.4.
        var compressed = Convert.FromBase64String(
            "KLUv/WQAJ+0BAGICCA7AXQMccW6rdlWW0/89BS6lTvJlxrWnAx+hvDtWCLIoCyCw2R33hS/SKQDPYKTzM+3RARwwaID9FNpB+ksp");
        var applied = await Apply(new MemoryStream(compressed), "zstd");
        Assert.Equal("sha256:65f25aa4e675810ea86b45390f700e87c0fdc0c9185a6a399fd0a43fe1f6c5aa", applied.DiffId.ToString());
        Assert.Equal("hello", File.ReadAllText(_temporary["zstd/f"]));
        // Several frames make one stream, and one that can be skipped may stand between them.
        byte[] skipped = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2];
        Assert.Equal(2 * 10240, (await Apply(new MemoryStream([.. skipped, .. compressed, .. skipped, .. compressed]), "two")).ArchiveSize);
        for (var length = 1; length < compressed.Length; length++)
            await Assert.ThrowsAsync<Gantry.Oci.GantryException>(() => Apply(new MemoryStream(compressed[..length]), "cut"));
    }

    [Fact]
    public void A_global_header_counts_until_a_local_one()
    {
        var archive = new List<byte>();
        archive.AddRange(Header("pax_global", 'g', "18 uid=2000000000\n"u8));
        archive.AddRange(Header("a", '0', []));
        archive.AddRange(Header("pax", 'x', "8 uid=7\n"u8));
        archive.AddRange(Header("b", '0', []));
        var reader = new TarReader(new MemoryStream([.. archive]));
        Assert.Equal(2000000000u, reader.Next()!.UserId);
        Assert.Equal(7u, reader.Next()!.UserId);
        Assert.Null(reader.Next());
    }

    [Fact]
    public void Binary_numbers_and_times_before_1970_are_read()
    {
        var header = Header("a", '0', []);
        Convert.FromHexString("8000000001000000").CopyTo(header.AsSpan(108));
        Convert.FromHexString("ffffffffffffffffffffffff").CopyTo(header.AsSpan(136));
        FixChecksum(header);
        var entry = new TarReader(new MemoryStream(header)).Next()!;
        Assert.Equal(1u << 24, entry.UserId);
        Assert.Equal(-1, entry.Modified.Seconds);
        var pax = new TarReader(new MemoryStream([.. Header("x", 'x', "15 mtime=-1.25\n"u8), .. Header("b", '0', [])])).Next()!;
        Assert.Equal(new FileTime(-2, 750_000_000), pax.Modified);
    }

    [Theory]
    [InlineData("9 uid=7\n")]
    [InlineData("uid=7\n")]
    [InlineData("99 uid=7\n")]
    [InlineData("8 uid=7 ")]
    [InlineData("6 =7x\n")]
    [InlineData("25 GNU.sparse.numbytes=1\n")]
    [InlineData("13 size=-77\n")]
    public void Malformed_pax_headers_are_refused(string records)
    {
        var reader = new TarReader(new MemoryStream([.. Header("x", 'x', Encoding.ASCII.GetBytes(records)), .. Header("a", '0', [])]));
        Assert.Throws<InvalidDataException>(() => reader.Next());
    }

    [Fact]
    public void A_header_of_impossible_size_costs_no_memory()
    {
        var header = Header("x", 'L', []);
        "77777777777\0"u8.CopyTo(header.AsSpan(124));
        FixChecksum(header);
        Assert.Throws<InvalidDataException>(() => new TarReader(new MemoryStream(header)).Next());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(506)]
    public void The_filling_of_the_last_block_may_be_missing(int filling)
    {
        byte[] archive = [.. Header("a", '0', "hello\n"u8)];
        var reader = new TarReader(new MemoryStream(archive[..(512 + 6 + filling)]));
        Assert.Equal("a"u8, reader.Next()!.Name);
        Assert.Null(reader.Next());
        var cut = new TarReader(new MemoryStream(archive[..(512 + 5)]));
        cut.Next();
        Assert.Throws<InvalidDataException>(() => cut.Next());
    }

    private async Task<AppliedLayer> Apply(Stream archive, string target)
    {
        using var layer = new LayerTarget(_temporary.Open(target), null, WhiteoutForm.Overlay);
        return await LayerApplier.ApplyAsync(archive, layer);
    }

    private static void MakeTree(string folder, string format)
    {
        var name = new string('n', 200);
        Directory.CreateDirectory(Path.Combine(folder, name, name));
        File.WriteAllText(Path.Combine(folder, name, name, "file"), "content");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), new string('t', 180));
        using (var sparse = File.Create(Path.Combine(folder, "sparse")))
        {
            for (var i = 0; i < 30; i++)
            {
                sparse.Position = i * 200_000;
                sparse.WriteByte((byte)(i + 1));
            }
            sparse.SetLength(10_000_000);
        }
        File.WriteAllText(Path.Combine(folder, "hole"), "");
        using var directory = FileOpener.Open(folder, OpenFlags.Directory);
        FileNodes.TryLink(directory, "sparse"u8, directory, "sparse2"u8);
        FileMetadata.TrySetOwner(directory, "link"u8, 3_000_000, 4_000_000);
        if (format.Contains("xattrs", StringComparison.Ordinal))
            ExtendedAttributes.TrySet(directory, "hole"u8, "user.x"u8, "value\n="u8);
    }

    private static async Task Run(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {errors}");
    }

    private static byte[] Header(string name, char type, ReadOnlySpan<byte> data)
    {
        var header = new byte[512 + (data.Length + 511) / 512 * 512];
        Encoding.ASCII.GetBytes(name, header);
        Encoding.ASCII.GetBytes(Convert.ToString(data.Length, 8).PadLeft(11, '0'), header.AsSpan(124));
        header[156] = (byte)type;
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        data.CopyTo(header.AsSpan(512));
        FixChecksum(header);
        return header;
    }

    private static void FixChecksum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = header.AsSpan(0, 512).ToArray().Sum(value => value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0", header.AsSpan(148));
    }
}
