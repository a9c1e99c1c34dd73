using System.Text.Json;
using System.Threading.Channels;
using Gantry.Api.Errors;
using Gantry.Api.Hijacking;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Build;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Calls;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.History;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Engine;
using Gantry.Engine.Build;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;

namespace Gantry.Api.Build;

/// <summary>A build by Gantry's own stream: contexts come file by file, and only what is not here yet.</summary>
internal sealed class BuildSession
{
    private readonly BuildService _builds;
    private readonly EngineRegistries _registries;
    private readonly BuildStream _stream;
    private readonly CancellationTokenSource _end;
    private BuildRecorder? _record;
    private readonly Channel<BuildStatus> _progress = Channel.CreateUnbounded<BuildStatus>(new UnboundedChannelOptions { SingleReader = true });

    private BuildSession(Engine.Engine engine, BuildStream stream, CancellationTokenSource end) =>
        (_builds, _registries, _stream, _end) = (engine.Builds, engine.Registries, stream, end);

    /// <summary>Serves one build, to its end or that of the client.</summary>
    public static async Task RunAsync(ApiCall call, Engine.Engine engine)
    {
        var pipe = await HijackedStream.OpenAsync(call, multiplexed: false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        var session = new BuildSession(engine, new BuildStream(pipe), end);
        try
        {
            await session.ServeAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The client is gone, and with it whoever could be told.
        }
    }

    private async Task ServeAsync()
    {
        using var hold = _builds.HoldContexts();
        try
        {
            // 1. What is asked for, and what files there are.
            var request = await ReadRequestAsync();
            using var descriptors = DescriptorReceiver.TryConnect(request.DescriptorSocket, request.DescriptorToken);
            if (descriptors is not null)
                await _stream.WriteAsync(BuildFrame.TakesDescriptors, ReadOnlyMemory<byte>.Empty, _end.Token);
            var exchange = new ContextExchange(request.Contexts ?? [], _stream, descriptors, _builds, _end.Token);
            var given = await exchange.ReceiveAsync();
            // 2. From now on the client only sends what it is asked for; its end is the end of the build.
            _ = WatchAsync(exchange);
            // 3. The build.
            var delivery = DeliverAsync();
            _record = request.Call.Length > 0 ? null : _builds.History.Begin("", "dockerfile.v0", AttributesOf(request));
            BuildSessionResult result;
            try
            {
                var contexts = await ContextsAsync(request, given, exchange);
                result = request.Call.Length > 0 ? await AskAsync(request, contexts, exchange) : await BuildAsync(request, contexts, exchange);
            }
            finally
            {
                _progress.Writer.TryComplete();
                await delivery;
            }
            // 4. What became of it.
            _record?.Finish(null, result.ImageId.Length > 0
                ? new Dictionary<string, string> { ["containerimage.digest"] = result.ManifestDigest, ["containerimage.config.digest"] = result.ImageId } : []);
            await _stream.WriteAsync(BuildFrame.Result, result, ApiJson.Wire.BuildSessionResult, _end.Token);
        }
        catch (Exception error) when (error is GantryException or InvalidDataException or JsonException
            || error is IOException && !_end.IsCancellationRequested)
        {
            _record?.Finish(ErrorAnswer.MessageOf(error), new Dictionary<string, string>());
            var answer = new BuildSessionError { Message = ErrorAnswer.MessageOf(error), Excerpt = (error as DockerfileException)?.Excerpt ?? "",
                FailedImage = StepFailedException.In(error)?.Image.ToString() ?? "" };
            await _stream.WriteAsync(BuildFrame.Error, answer, ApiJson.Wire.BuildSessionError, _end.Token);
        }
        finally
        {
            _record?.Finish("context canceled", new Dictionary<string, string>());
        }
    }

    /// <summary>The contexts, and in the request what only the build context tells: the Dockerfile in it, and what is left out of it.</summary>
    private async Task<SessionContexts> ContextsAsync(BuildSessionRequest request, Dictionary<string, FileSet> given, ContextExchange exchange)
    {
        var credentials = BuildOrders.Credentials(request);
        if (request.Remote.Length > 0)
        {
            var files = await new BuildProgress(TimeProvider.System, Tell).Begin("[internal] load remote build context")
                .RunAsync(step => request.Remote == BuildSessionRequest.SentArchive
                ? UnpackAsync(exchange) : _builds.FetchAsync(request.Remote, KeepsGitFolder(request), credentials, step, _end.Token));
            if (request.Dockerfile.Length == 0)
            {
                if (ImageBuilder.IsDockerfileAlone(files))
                    request.DockerfileName = ImageBuilder.FetchedDockerfile;
                request.Dockerfile = new ContextDockerfile(_builds.Files).Read(files, request.DockerfileName).Text;
            }
            var ignored = new ContextFilter(_builds.Files).PatternsOf(files, request.DockerfileName);
            request.Ignored = ignored.Text;
            given["context"] = ContextFilter.Without(files, ignored);
        }
        return new SessionContexts(given, request.NamedRemotes ?? new Dictionary<string, string>(), (place, step, stop) =>
            _builds.FetchAsync(place, keepsGitFolder: false, credentials, step, stop));
    }

    private async Task<FileSet> UnpackAsync(ContextExchange exchange)
    {
        await using var archive = await exchange.Folder(BuildSessionRequest.SentArchive).OpenAsync(BuildSessionRequest.SentArchive, _end.Token);
        return await new ArchiveContextReader(_builds.Files).ReadAsync(archive, _end.Token);
    }

    private static bool KeepsGitFolder(BuildSessionRequest request) =>
        new FrontendOptions { Arguments = request.Arguments ?? new Dictionary<string, string>() }.KeepsGitFolder;

    private void Tell(BuildStatus status)
    {
        _record?.Tell(status);
        _progress.Writer.TryWrite(status);
    }

    /// <summary>What the record of a build tells of its request, in the words of BuildKit's frontend.</summary>
    private static Dictionary<string, string> AttributesOf(BuildSessionRequest request)
    {
        var attributes = new Dictionary<string, string> { ["filename"] = request.DockerfileName };
        if (request.Target.Length > 0)
            attributes["target"] = request.Target;
        if (request.Platform.Length > 0)
            attributes["platform"] = request.Platform;
        if (request.NoCache)
            attributes["no-cache"] = "";
        foreach (var (name, value) in request.Arguments ?? new Dictionary<string, string>())
            attributes[$"build-arg:{name}"] = value;
        return attributes;
    }

    private async Task<BuildSessionResult> BuildAsync(BuildSessionRequest request, SessionContexts contexts, ContextExchange exchange)
    {
        var (pushed, pushedByDigest) = (BuildOrders.Pushed(request), BuildOrders.PushedByDigest(request));
        var credentials = RegistryConfigHeader.Of(request.Credentials);
        var sent = new List<FrameOutput>();
        var caches = new CacheOrders(_builds, credentials).Of(request, exchange, number => Open(number, sent));
        var image = request.Platform.Contains(',', StringComparison.Ordinal)
            ? await BuildManyAsync(request, contexts, exchange, caches, credentials) : await BuildOneAsync(request, contexts, exchange, caches, credentials);
        foreach (var cache in sent)
            await cache.FinishAsync();
        var result = Result(image, request);
        var compression = BuildOrders.ImageForm(request).PushCompression;
        foreach (var name in pushed)
            result.ManifestDigest = await PushAsync(name, () =>
                _registries.Pusher.PushAsync(name, null, compression, credentials(name.Domain), static _ => { }, _end.Token));
        foreach (var name in pushedByDigest)
            result.ManifestDigest = await PushAsync(name, () =>
                _registries.Pusher.PushByDigestAsync(name, image!, compression, credentials(name.Domain), static _ => { }, _end.Token));
        return result;
    }

    private async Task<Image?> BuildOneAsync(
        BuildSessionRequest request, SessionContexts contexts, ContextExchange exchange, CacheUse caches, FindCredentials credentials)
    {
        var outputs = new List<FrameOutput>();
        var outcome = await _builds.BuildAsync(
            pull => BuildOrders.Of(request, contexts, pull, status => Tell(status), number =>
                Open(number, outputs)) with { Caches = caches, OpenLayout = exchange.Layout },
            credentials, _end.Token);
        foreach (var output in outputs)
            await output.FinishAsync();
        return outcome.Image;
    }

    /// <summary>Builds for several platforms at the same time; what becomes of it is one index.</summary>
    private async Task<Image?> BuildManyAsync(
        BuildSessionRequest request, SessionContexts contexts, ContextExchange exchange, CacheUse caches, FindCredentials credentials)
    {
        var progress = new BuildProgress(TimeProvider.System, status => Tell(status));
        var builds = new List<OpenBuild>();
        try
        {
            foreach (var platform in request.Platform.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct())
            {
                builds.Add(_builds.Open(
                    pull => BuildOrders.Of(request, contexts, pull, static _ => { }, static _ =>
                        Stream.Null, platform) with { Caches = caches, OpenLayout = exchange.Layout },
                    (domain, _) => Task.FromResult(credentials(domain)), progress));
            }
            await Task.WhenAll(builds.Select(build => build.SolveAsync(_end.Token)));
            Image? image = null;
            var outputs = BuildOrders.Outputs(request);
            if (outputs.Any(output => output.Type is "image" or "registry"))
                image = await builds[0].StoreAsync(builds, BuildOrders.Names(request), BuildOrders.ImageForm(request), _end.Token);
            for (var number = 0; number < outputs.Count; number++)
                await WriteManyAsync(builds, request, number);
            await _builds.ExportCachesAsync(builds, caches.Exports, progress, _end.Token);
            return image;
        }
        finally
        {
            builds.ForEach(build => build.Dispose());
        }
    }

    private async Task WriteManyAsync(List<OpenBuild> builds, BuildSessionRequest request, int number)
    {
        var asked = BuildOrders.Outputs(request)[number];
        if (asked.Type is not ("oci" or "docker" or "local" or "tar"))
            return;
        var output = new FrameOutput(_stream, number, _end.Token);
        if (asked.Type is "local" or "tar")
            await builds[0].WriteFilesAsync(builds, output, BuildOrders.Files(asked), _end.Token);
        else
            await builds[0].WriteAsync(builds, new BuildOutput(BuildOutputKind.ImageArchive, output) { Names = BuildOrders.Names(request) },
                BuildOrders.Form(asked), _end.Token);
        await output.FinishAsync();
    }

    private async Task<BuildSessionResult> AskAsync(BuildSessionRequest request, SessionContexts contexts, ContextExchange exchange)
    {
        var credentials = RegistryConfigHeader.Of(request.Credentials);
        using var build = _builds.Open(
            pull => BuildOrders.Of(request, contexts, pull, static _ => { }, static _ => Stream.Null) with { OpenLayout = exchange.Layout },
            (domain, _) => Task.FromResult(credentials(domain)), new BuildProgress(TimeProvider.System, status => Tell(status)));
        var answer = await FrontendCall.AskAsync(request.Call, build, _end.Token);
        return new BuildSessionResult { Answer = new BuildSessionAnswer { Json = answer.Json, Text = answer.Text, ExitCode = answer.ExitCode } };
    }

    private Task<string> PushAsync(ImageReference name, Func<Task<PushedImage>> push) =>
        new BuildProgress(TimeProvider.System, Tell).Begin($"pushing {name}").RunAsync(async _ => (await push()).Target.Digest.ToString());

    private FrameOutput Open(int number, List<FrameOutput> outputs)
    {
        var output = new FrameOutput(_stream, number, _end.Token);
        outputs.Add(output);
        return output;
    }

    private static BuildSessionResult Result(Image? image, BuildSessionRequest request) => new()
    {
        ImageId = image?.Id.ToString() ?? "", ManifestDigest = image?.Target.Digest.ToString() ?? "",
        Names = [.. BuildOrders.Names(request).Select(name => name.ToString())],
    };

    private async Task<BuildSessionRequest> ReadRequestAsync()
    {
        if (await _stream.ReadAsync(_end.Token) is not (BuildFrame.Request, var payload))
            throw new InvalidDataException("a build does not begin with its request");
        var reader = new Utf8JsonReader(payload);
        return JsonSerializer.Deserialize(ref reader, ApiJson.Wire.BuildSessionRequest) ?? throw new InvalidDataException("a build's request is empty");
    }

    private async Task WatchAsync(ContextExchange exchange)
    {
        try
        {
            await exchange.FollowAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or InvalidDataException or GantryException)
        {
            // It makes no difference how it ended.
        }
        try
        {
            await _end.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The build was done before.
        }
    }

    private async Task DeliverAsync()
    {
        await foreach (var status in _progress.Reader.ReadAllAsync(CancellationToken.None))
            await _stream.WriteAsync(BuildFrame.Status, status, BuildStatusJson.Default.BuildStatus, CancellationToken.None);
    }
}
