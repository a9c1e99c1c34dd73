using Gantry.Build;
using Gantry.Build.Exporters;
using Gantry.Build.Progress;
using Gantry.BuildKit.Control;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Gateway;

/// <summary><c>moby.buildkit.v1.frontend.LLBBridge</c>: what a client's own build function uses. Each call names its build in its metadata.</summary>
internal sealed class GatewayService(JobRegistry jobs, DockerfileFrontend frontend, WorkerMessage worker)
{
    private const string BuildKey = "buildkit-controlapi-buildid";
    private const int MostFileBytes = 16 << 20;

    /// <summary>The methods by their names.</summary>
    public IEnumerable<KeyValuePair<string, GrpcMethod>> Methods() => new Dictionary<string, GrpcMethod>
    {
        ["Ping"] = call => call.AnswerAsync(new PongMessage(Capabilities.Gateway, Capabilities.Solver, worker)),
        ["Solve"] = SolveAsync,
        ["ResolveImageConfig"] = ResolveImageConfigAsync,
        ["ReadFile"] = ReadFileAsync,
        ["ReadDir"] = ReadDirAsync,
        ["StatFile"] = StatFileAsync,
        ["Evaluate"] = EvaluateAsync,
        ["Return"] = ReturnAsync,
        ["Inputs"] = InputsAsync,
        ["Warn"] = WarnAsync,
    }.Select(method => KeyValuePair.Create($"/moby.buildkit.v1.frontend.LLBBridge/{method.Key}", method.Value));

    private Task<BuildJob> JobAsync(GrpcCall call) => jobs.WaitAsync(call.Metadata(BuildKey), call.Aborted);

    private async Task SolveAsync(GrpcCall call)
    {
        var job = await JobAsync(call);
        var request = GatewaySolveRequest.Parse((await call.ReadOneAsync()).Span);
        var result = request.Frontend.Length > 0 ? await frontend.SolveAsync(request.Frontend, request.Options, request.Inputs, job)
            : request.Definition is { Length: > 0 } definition ? await frontend.SolveAsync(definition, job)
            : GatewayResult.Of("");
        if (request.Evaluate)
        {
            foreach (var name in result.Refs?.Values.AsEnumerable() ?? [result.Ref])
            {
                if (job.Find(name) is { } build)
                    await build.SolveAsync(job.Cancellation);
            }
        }
        await call.WriteAsync(new GatewaySolveResponse(result));
    }

    private async Task ResolveImageConfigAsync(GrpcCall call)
    {
        var job = await JobAsync(call);
        var request = ImageConfigRequest.Parse((await call.ReadOneAsync()).Span);
        var image = await frontend.ResolveAsync(request, job);
        await call.WriteAsync(new ImageConfigResponse(
            image.Manifest.Digest.ToString(), ImageDocument.Create(image.Config).Bytes, ImageReference.Parse(request.Ref).WithDefaultTag().ToString()));
    }

    private async Task ReadFileAsync(GrpcCall call)
    {
        var (job, request) = await FileRequestAsync(call);
        using var files = await FilesAsync(job, request.Ref);
        var file = files.Find(request.Path);
        await using var content = files.Open(file.Kind == FileKind.Regular ? file : throw GantryException.Invalid($"read {request.Path}: is a directory"));
        using var memory = new MemoryStream();
        if (file.Size - request.Offset > MostFileBytes && request.Length is 0 or > MostFileBytes)
            throw GantryException.Invalid($"the file {request.Path} has {file.Size} bytes, more than are sent at once");
        await content.CopyToAsync(memory, call.Aborted);
        var start = (int)Math.Min(request.Offset, memory.Length);
        var length = (int)Math.Min(request.Length > 0 ? request.Length : memory.Length, memory.Length - start);
        await call.WriteAsync(new BytesMessage(memory.GetBuffer().AsMemory(start, length)));
    }

    private async Task ReadDirAsync(GrpcCall call)
    {
        var (job, request) = await FileRequestAsync(call);
        using var files = await FilesAsync(job, request.Ref);
        var writer = new ProtoWriter();
        var patterns = request.Pattern.Length > 0 ? PatternList.Of([request.Pattern]) : null;
        foreach (var file in files.List(request.Path))
        {
            var name = Path.GetFileName(file.Path);
            if (patterns?.Excludes(name) != false)
                writer.Message(1, Stat(file, name));
        }
        await call.WriteAsync(writer.Written);
    }

    private async Task StatFileAsync(GrpcCall call)
    {
        var (job, request) = await FileRequestAsync(call);
        using var files = await FilesAsync(job, request.Ref);
        var file = files.Find(request.Path);
        await call.WriteAsync(new ProtoWriter().Message(1, Stat(file, Path.GetFileName(file.Path))).Written);
    }

    private async Task EvaluateAsync(GrpcCall call)
    {
        var (job, request) = await FileRequestAsync(call);
        await Find(job, request.Ref).SolveAsync(job.Cancellation);
        await call.WriteAsync(EmptyMessage.Instance);
    }

    private async Task ReturnAsync(GrpcCall call)
    {
        var job = await JobAsync(call);
        job.Returned.TrySetResult(ReturnRequest.Parse((await call.ReadOneAsync()).Span));
        await call.WriteAsync(EmptyMessage.Instance);
    }

    private async Task InputsAsync(GrpcCall call)
    {
        var job = await JobAsync(call);
        await call.WriteAsync(new ProtoWriter().Map(1, job.Request.FrontendInputs).Written);
    }

    private async Task WarnAsync(GrpcCall call)
    {
        var job = await JobAsync(call);
        var warning = WarnRequest.Parse((await call.ReadOneAsync()).Span);
        job.Feed.Tell(new BuildStatus { Warnings = [new StatusWarning { Vertex = warning.Digest, Level = warning.Level, Short = warning.Short }] });
        await call.WriteAsync(EmptyMessage.Instance);
    }

    private async Task<(BuildJob Job, FileRequest Request)> FileRequestAsync(GrpcCall call)
    {
        var job = await JobAsync(call);
        return (job, FileRequest.Parse((await call.ReadOneAsync()).Span));
    }

    private static Task<ResultFiles> FilesAsync(BuildJob job, string name) => Find(job, name).OpenFilesAsync(job.Cancellation);

    private static OpenBuild Find(BuildJob job, string name) => job.Find(name) ?? throw GantryException.NotFound($"no such ref: {name}");

    private static FileStat Stat(ResultFile file, string name) => new()
    {
        Path = name,
        Mode = FileStat.ModeOf(file.Kind, file.Permissions),
        UserId = file.UserId,
        GroupId = file.GroupId,
        Size = file.Size,
        Modified = (file.Modified.Seconds * 1_000_000_000) + file.Modified.Nanoseconds,
        LinkText = file.LinkText,
    };
}
