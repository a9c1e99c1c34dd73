using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Storage.Tests.Content;

/// <summary>What an interrupted pull leaves, and finds when it is tried again.</summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 700_000).Select(i => (byte)(i * 31 >> 3))];
    private static readonly Digest Expected = Digest.Compute(Content);
    private readonly TemporaryFolder _temporary = new();
    private readonly SetClock _clock = new();
    private ContentStore _store;

    public ResumeTests() => _store = Open();

    public void Dispose()
    {
        _store.Dispose();
        _temporary.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_blob_goes_on_where_it_was_broken_off(bool restart)
    {
        WriteBeginning(400_000);
        Assert.Equal(new PartialBlob(Expected, 400_000, default, InUse: false), Assert.Single(_store.PartialBlobs) with { ModifiedAt = default });
        Assert.False(_store.Contains(Expected));
        if (restart)
            Reopen();
        using var lease = _store.Lease();
        using var writer = lease.Resume(Expected, Content.Length);
        Assert.Equal(400_000, writer.Length);
        writer.Write(Content.AsSpan(400_000));
        Assert.Equal(Expected, writer.Commit());
        Assert.Equal(Content, _store.ReadBytes(Expected));
        Assert.Empty(_store.PartialBlobs);
    }

    [Fact]
    public void A_blob_can_be_begun_anew()
    {
        WriteBeginning(10);
        using var lease = _store.Lease();
        using var writer = lease.Resume(Expected, Content.Length);
        writer.Restart();
        Assert.Equal(0, writer.Length);
        writer.Write(Content);
        Assert.Equal(Expected, writer.Commit());
        Assert.Equal(Content, _store.ReadBytes(Expected));
    }

    [Fact]
    public void A_beginning_that_turns_out_to_be_wrong_is_not_kept()
    {
        using var lease = _store.Lease();
        using (var writer = lease.Resume(Expected, Content.Length))
        {
            writer.Write(new byte[Content.Length]);
            Assert.Contains("has the digest", Assert.Throws<GantryException>(() => writer.Commit()).Message, StringComparison.Ordinal);
        }
        Assert.Empty(_store.PartialBlobs);
        using (var writer = lease.Resume(Expected, 5))
            Assert.Throws<GantryException>(() => writer.Write("too long"u8));
        Assert.Empty(_store.PartialBlobs);
    }

    [Fact]
    public void What_is_longer_than_it_may_be_is_begun_anew()
    {
        WriteBeginning(400_000);
        using var lease = _store.Lease();
        using var writer = lease.Resume(Expected, 300_000);
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void One_at_a_time_writes_a_blob()
    {
        using var lease = _store.Lease();
        using (lease.Resume(Expected, Content.Length))
            Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => lease.Resume(Expected, Content.Length)).Kind);
        using var next = lease.Resume(Expected, Content.Length);
        Assert.Equal(0, next.Length);
    }

    [Fact]
    public void Partial_blobs_are_kept_for_their_time_and_no_longer()
    {
        WriteBeginning(10);
        _store.CollectGarbage(() => []);
        Assert.Single(_store.PartialBlobs);
        _clock.Now += TimeSpan.FromHours(3);
        using (var lease = _store.Lease())
        using (lease.Resume(Expected, Content.Length))
        {
            _store.CollectGarbage(() => []);
            Assert.Single(_store.PartialBlobs);
        }
        _store.CollectGarbage(() => []);
        Assert.Empty(_store.PartialBlobs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_kept_lease_holds_after_its_process(bool restart)
    {
        Digest digest;
        using (var lease = _store.Lease("pull a:1", TimeSpan.FromHours(1)))
            digest = lease.Add("layer"u8);
        if (restart)
            Reopen();
        Assert.Empty(_store.CollectGarbage(() => []));
        var kept = Assert.Single(_store.KeptLeases);
        Assert.Equal(("pull a:1", false), (kept.Owner, kept.InUse));
        Assert.Equal([digest], kept.Blobs);
        using (var again = _store.Lease("pull a:1", TimeSpan.FromHours(1)))
        {
            Assert.True(again.TryHold(digest));
            again.Complete();
        }
        Assert.Empty(_store.KeptLeases);
        Assert.Equal([digest], _store.CollectGarbage(() => []).Select(blob => blob.Digest));
        Reopen();
        Assert.Empty(_store.KeptLeases);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_kept_lease_expires(bool restart)
    {
        using (var lease = _store.Lease("pull a:1", TimeSpan.FromHours(1)))
            lease.Add("layer"u8);
        _clock.Now += TimeSpan.FromHours(2);
        if (restart)
            Reopen();
        Assert.Single(_store.CollectGarbage(() => []));
        Assert.Empty(_store.KeptLeases);
    }

    [Fact]
    public void Of_two_leases_of_one_owner_the_second_is_not_kept()
    {
        using var first = _store.Lease("pull a:1", TimeSpan.FromHours(1));
        Digest other;
        using (var second = _store.Lease("pull a:1", TimeSpan.FromHours(1)))
            other = second.Add("second"u8);
        var digest = first.Add("first"u8);
        Assert.Equal([other], _store.CollectGarbage(() => []).Select(blob => blob.Digest));
        first.Dispose();
        Assert.Equal([digest], Assert.Single(_store.KeptLeases).Blobs);
    }

    [Fact]
    public void A_torn_record_of_a_lease_counts_as_far_as_it_goes()
    {
        Digest digest;
        using (var lease = _store.Lease("pull a:1", TimeSpan.FromHours(1)))
            digest = lease.Add("layer"u8);
        File.AppendAllText(Assert.Single(Directory.GetFiles(_temporary["store/ingest"], "*.lease")), "sha256:0123");
        Reopen();
        Assert.Equal([digest], Assert.Single(_store.KeptLeases).Blobs);
    }

    private void WriteBeginning(int length)
    {
        using var lease = _store.Lease();
        using var writer = lease.Resume(Expected, Content.Length);
        writer.Write(Content.AsSpan(0, length));
    }

    private void Reopen()
    {
        _store.Dispose();
        _store = Open();
    }

    private ContentStore Open() => ContentStore.Open(_temporary["store"], new ContentStoreOptions { KeepPartialBlobs = TimeSpan.FromHours(2), Clock = _clock });

    private sealed class SetClock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
