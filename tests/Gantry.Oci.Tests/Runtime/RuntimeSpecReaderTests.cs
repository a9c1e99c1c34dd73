using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Gantry.Oci.Runtime;

namespace Gantry.Oci.Tests.Runtime;

public class RuntimeSpecReaderTests
{
    [Fact]
    public void Every_member_of_the_model_is_read()
    {
        var spec = (RuntimeSpec)new Filler().Make(typeof(RuntimeSpec));
        var document = JsonSerializer.SerializeToUtf8Bytes(spec, RuntimeSpecJson.Default.RuntimeSpec);
        var read = RuntimeSpecReader.Read(document);
        Assert.Equal(Encoding.UTF8.GetString(document), JsonSerializer.Serialize(read, RuntimeSpecJson.Default.RuntimeSpec));

        var process = JsonSerializer.SerializeToUtf8Bytes(spec.Process!, RuntimeSpecJson.Default.ProcessSpec);
        Assert.Equal(Encoding.UTF8.GetString(process), JsonSerializer.Serialize(RuntimeSpecReader.ReadProcess(process), RuntimeSpecJson.Default.ProcessSpec));
    }

    [Fact]
    public void What_is_absent_null_or_unknown_is_left_out()
    {
        var read = RuntimeSpecReader.Read(
            """{"hostname":null,"new":{"x":[1]},"linux":{"seccomp":{"syscalls":[{"names":["read"],"errnoRet":null}]}}}"""u8.ToArray());
        Assert.Null(read.Hostname);
        Assert.Null(read.Process);
        Assert.Null(read.Linux!.Namespaces);
        Assert.Null(Assert.Single(read.Linux.Seccomp!.Syscalls!).ErrnoRet);
    }

    [Theory]
    [InlineData("""{"hostname":1}""", "hostname is not a string")]
    [InlineData("""{"root":[]}""", "root is not an object")]
    [InlineData("""{"mounts":{}}""", "mounts is not a list")]
    [InlineData("""{"mounts":[{"options":[1]}]}""", "options is not a string")]
    [InlineData("""{"process":{"terminal":"yes"}}""", "terminal is not true or false")]
    [InlineData("""{"process":{"user":{"uid":-1}}}""", "uid is not an integer in its range")]
    [InlineData("""{"process":{"user":{"uid":"0"}}}""", "uid is not an integer in its range")]
    [InlineData("""{"linux":{"resources":{"pids":{"limit":1.5}}}}""", "limit is not an integer in its range")]
    [InlineData("[]", "the document is not an object")]
    public void A_member_of_another_type_is_named(string document, string message) =>
        Assert.Equal(message, Assert.Throws<JsonException>(() => RuntimeSpecReader.Read(Encoding.UTF8.GetBytes(document))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    public void What_is_no_document_is_refused(string document) =>
        Assert.ThrowsAny<JsonException>(() => RuntimeSpecReader.Read(Encoding.UTF8.GetBytes(document)));

    /// <summary>Makes values of the model's types in which no member is the default, and no two are the same.</summary>
    private sealed class Filler
    {
        private int _last = 1;

        public object Make(Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (type == typeof(string)) return $"text {++_last}";
            if (type == typeof(bool)) return true;
            if (type.IsPrimitive) return Convert.ChangeType(++_last, type, System.Globalization.CultureInfo.InvariantCulture);
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return MakeList(type.GetGenericArguments()[0]);
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) return MakeMap(type.GetGenericArguments()[1]);
            return MakeRecord(type);
        }

        private IList MakeList(Type item)
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
            list.Add(Make(item));
            list.Add(Make(item));
            return list;
        }

        private IDictionary MakeMap(Type item)
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), item))!;
            map.Add($"key {++_last}", Make(item));
            return map;
        }

        private object MakeRecord(Type type)
        {
            var constructor = type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).First();
            var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType))]);
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(_ => constructor.GetParameters().Length == 0))
                property.SetValue(made, Make(property.PropertyType));
            return made;
        }
    }
}
