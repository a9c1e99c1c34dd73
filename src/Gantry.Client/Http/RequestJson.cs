using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gantry.Api.Model;

namespace Gantry.Client.Http;

/// <summary>
/// Writes the bodies of requests with generated code alone. The serializer itself would first describe every property of every type within,
/// reading attributes by reflection: for the request that creates a container that costs more than the start of the program. It would do so
/// for numbers that may be null, too, so what is null is left out: to daemons that is the same.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ContainerUpdateRequest))]
[JsonSerializable(typeof(ExecCreateRequest))]
[JsonSerializable(typeof(ExecStartRequest))]
[JsonSerializable(typeof(NetworkCreateRequest))]
[JsonSerializable(typeof(NetworkConnectRequest))]
[JsonSerializable(typeof(NetworkDisconnectRequest))]
[JsonSerializable(typeof(VolumeCreateRequest))]
[JsonSerializable(typeof(HealthConfig))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, EmptyObject>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>))]
[JsonSerializable(typeof(IReadOnlyList<Mount>))]
[JsonSerializable(typeof(IReadOnlyList<int>))]
internal sealed partial class RequestJson : JsonSerializerContext
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The JSON of a request, or of a part of one (<see cref="CreateRequestJson"/>).</summary>
    public static byte[] Write(ContainerUpdateRequest request) => Write(request, Default.ContainerUpdateRequestSerializeHandler);

    public static byte[] Write(ExecCreateRequest request) => Write(request, Default.ExecCreateRequestSerializeHandler);

    public static byte[] Write(ExecStartRequest request) => Write(request, Default.ExecStartRequestSerializeHandler);

    public static byte[] Write(NetworkCreateRequest request) => Write(request, Default.NetworkCreateRequestSerializeHandler);

    public static byte[] Write(NetworkConnectRequest request) => Write(request, Default.NetworkConnectRequestSerializeHandler);

    public static byte[] Write(NetworkDisconnectRequest request) => Write(request, Default.NetworkDisconnectRequestSerializeHandler);

    public static byte[] Write(VolumeCreateRequest request) => Write(request, Default.VolumeCreateRequestSerializeHandler);

    public static byte[] Write(HealthConfig part) => Write(part, Default.HealthConfigSerializeHandler);

    public static byte[] Write(EndpointIPAMConfig part) => Write(part, Default.EndpointIPAMConfigSerializeHandler);

    public static byte[] Write(IReadOnlyDictionary<string, EmptyObject> part) => Write(part, Default.IReadOnlyDictionaryStringEmptyObjectSerializeHandler);

    public static byte[] Write(IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> part) =>
        Write(part, static (writer, value) => Default.IReadOnlyDictionaryStringIReadOnlyListPortBindingSerializeHandler(writer, value!));

    public static byte[] Write(IReadOnlyList<Mount> part) => Write(part, Default.IReadOnlyListMountSerializeHandler);

    public static byte[] Write(IReadOnlyList<int> part) => Write(part, Default.IReadOnlyListInt32SerializeHandler);

    public static byte[] Write(IReadOnlyList<WeightDevice> part) => Write(part, Default.IReadOnlyListWeightDeviceSerializeHandler);

    public static byte[] Write(IReadOnlyList<ThrottleDevice> part) => Write(part, Default.IReadOnlyListThrottleDeviceSerializeHandler);

    public static byte[] Write(IReadOnlyList<DeviceMapping> part) => Write(part, Default.IReadOnlyListDeviceMappingSerializeHandler);

    public static byte[] Write(IReadOnlyList<DeviceRequest> part) => Write(part, Default.IReadOnlyListDeviceRequestSerializeHandler);

    public static byte[] Write(IReadOnlyList<Ulimit> part) => Write(part, Default.IReadOnlyListUlimitSerializeHandler);

    private static byte[] Write<T>(T request, Action<Utf8JsonWriter, T> handler)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            handler(writer, request);
        return buffer.WrittenSpan.ToArray();
    }
}
