using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client.Tests;

/// <summary>The request that creates a container is written by hand: no member may be forgotten.</summary>
public sealed class CreateRequestJsonTests
{
    [Fact]
    public void Every_member_is_written_as_the_serializer_writes_it()
    {
        var request = (ContainerCreateRequest)Filled(typeof(ContainerCreateRequest));
        var expected = JsonSerializer.SerializeToNode(request, ApiJson.Default.ContainerCreateRequest);
        Assert.Equal(Sorted(WithoutNulls(expected))!.ToJsonString(), Sorted(WithoutNulls(JsonNode.Parse(CreateRequestJson.Write(request))))!.ToJsonString());
    }

    [Fact]
    public void What_has_no_value_is_left_out() =>
        Assert.Equal(
            """{"HostConfig":{"LogConfig":{},"RestartPolicy":{}}}""",
            System.Text.Encoding.UTF8.GetString(CreateRequestJson.Write(new ContainerCreateRequest { HostConfig = new HostConfig() })));

    [Theory]
    [InlineData("plain")]
    [InlineData("\"quoted\" and \\ \u0000\u0001\n\r\t\u001f\u007f")]
    [InlineData("Zürich, 東京, 🐳, \u2028")]
    public void Any_text_can_be_read_again(string text)
    {
        var written = CreateRequestJson.Write(
            new ContainerCreateRequest { Cmd = ["", text, text + text], Labels = new Dictionary<string, string> { [text] = text } });
        var read = JsonSerializer.Deserialize(written, ApiJson.Default.ContainerCreateRequest)!;
        Assert.Equal(["", text, text + text], read.Cmd!);
        Assert.Equal(text, Assert.Single(read.Labels!).Key);
    }

    [Fact]
    public void A_network_may_have_no_settings() =>
        Assert.Equal(
            """{"NetworkingConfig":{"EndpointsConfig":{"a":null,"b":{}}}}""",
            System.Text.Encoding.UTF8.GetString(CreateRequestJson.Write(new ContainerCreateRequest
            {
                NetworkingConfig = new NetworkingConfig { EndpointsConfig = new SortedDictionary<string, EndpointSettings?> { ["a"] = null, ["b"] = new() } },
            })));

    [Fact]
    public void Half_of_a_character_becomes_the_replacement_character() =>
        Assert.Equal("""{"Hostname":"a�b"}""", System.Text.Encoding.UTF8.GetString(
            CreateRequestJson.Write(new ContainerCreateRequest { Hostname = "a" + (char)0xd83d + "b" })));

    /// <summary>An object whose every member, and that of every object below it, has a value which is not the one it begins with.</summary>
    private static object Filled(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return "text \"é\"";
        if (type == typeof(bool))
            return true;
        if (type.IsPrimitive)
            return Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(1)!;
        if (type == typeof(StringOrList))
            return StringOrList.Create(["a", "b"]);
        if (type == typeof(EmptyObject))
            return EmptyObject.Value;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type.GetGenericArguments()))!;
            list.Add(Filled(type.GetGenericArguments()[0]));
            list.Add(Filled(type.GetGenericArguments()[0]));
            return list;
        }
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GetGenericArguments()))!;
            map.Add("key", Filled(type.GetGenericArguments()[1]));
            return map;
        }
        var filled = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.SetMethod is not null))
            property.SetValue(filled, Filled(property.PropertyType));
        return filled;
    }

    private static JsonNode? WithoutNulls(JsonNode? node)
    {
        if (node is JsonObject members)
            foreach (var name in members.Select(static member => member.Key).ToArray())
                if (WithoutNulls(members[name]) is null)
                    members.Remove(name);
        return node;
    }

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject members
        ? new JsonObject(members.OrderBy(static member => member.Key, StringComparer.Ordinal)
            .Select(static member => KeyValuePair.Create(member.Key, Sorted(member.Value?.DeepClone()))))
        : node?.DeepClone();
}
