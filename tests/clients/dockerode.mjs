// dockerode.mjs: what programs do with node's dockerode, on the engine of DOCKER_HOST (a unix socket); it has the image busybox:latest.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { createRequire } from 'node:module';

const require = createRequire(process.cwd() + '/');
const Docker = require('dockerode');
const docker = new Docker({ socketPath: process.env.DOCKER_HOST.replace('unix://', '') });
const Image = 'busybox:latest';
const Labels = { 'gantry-clients': 'node' };

const collect = stream => new Promise((resolve, reject) => {
  const parts = [];
  stream.on('data', part => parts.push(part)).on('end', () => resolve(Buffer.concat(parts).toString())).on('error', reject);
});
const progress = stream => new Promise((resolve, reject) => docker.modem.followProgress(stream, (error, output) => error ? reject(error) : resolve(output)));
const detached = (options = {}) => docker.createContainer({ Image, Cmd: ['sleep', '600'], Labels, ...options });

const tests = {
  async system() {
    assert.equal((await docker.ping()).toString(), 'OK');
    assert.ok((await docker.version()).ApiVersion);
    assert.equal((await docker.info()).OSType, 'linux');
    const usage = await docker.df();
    assert.ok((usage.Images ?? usage.ImageUsage.Items ?? []).length > 0 || usage.ImageUsage.TotalCount > 0); // The second since version 1.52.
  },
  async run() {
    const output = new PassThrough(), text = collect(output);
    const [result, container] = await docker.run(Image, ['sh', '-c', 'echo hi; exit 3'], output, { Labels, Tty: true });
    assert.equal(result.StatusCode, 3);
    assert.equal(await text, 'hi\r\n');
    await container.remove();
  },
  async attachDemux() {
    const container = await docker.createContainer({ Image, Cmd: ['sh', '-c', 'cat; echo err >&2'], Labels, OpenStdin: true, StdinOnce: true, AttachStdin: true });
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
    const [out, err] = [new PassThrough(), new PassThrough()];
    const [text, errors] = [collect(out), collect(err)];
    container.modem.demuxStream(stream, out, err);
    stream.on('end', () => { out.end(); err.end(); });
    await container.start();
    stream.write('typed\n');
    stream.end();
    await container.wait();
    assert.equal(await text, 'typed\n');
    assert.equal(await errors, 'err\n');
    await container.remove();
  },
  async exec() {
    const container = await detached();
    await container.start();
    const exec = await container.exec({ Cmd: ['sh', '-c', 'echo in exec; exit 5'], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true, stdin: false });
    const out = new PassThrough(), text = collect(out);
    container.modem.demuxStream(stream, out, out);
    stream.on('end', () => out.end());
    assert.equal(await text, 'in exec\n');
    assert.equal((await exec.inspect()).ExitCode, 5);
    const tty = await container.exec({ Cmd: ['tty'], AttachStdout: true, Tty: true });
    assert.match(await collect(await tty.start({})), /^\/dev\/pts/);
    await container.remove({ force: true });
  },
  async lifecycle() {
    const container = await detached({ name: 'clients-node', ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } } });
    await container.start();
    await assert.rejects(container.start(), error => error.statusCode === 304);
    const data = await container.inspect();
    assert.ok(Number(data.NetworkSettings.Ports['80/tcp'][0].HostPort) > 0);
    assert.equal((await docker.listContainers({ filters: { name: ['clients-node'] } })).length, 1);
    assert.equal((await docker.listContainers({ all: true, filters: JSON.stringify({ label: ['gantry-clients=node'] }) })).length, 1);
    await container.pause(); await container.unpause(); await container.restart({ t: 0 });
    assert.ok((await container.stats({ stream: false })).memory_stats.usage > 0);
    assert.ok((await container.top()).Processes.length > 0);
    await container.stop({ t: 0 });
    await assert.rejects(container.stop(), error => error.statusCode === 304);
    await container.remove();
    await assert.rejects(container.inspect(), error => error.statusCode === 404 && /No such container/.test(error.message));
  },
  async logs() {
    const container = await docker.createContainer({ Image, Cmd: ['sh', '-c', 'echo one; echo two'], Labels });
    await container.start();
    await container.wait();
    const logs = await container.logs({ stdout: true, stderr: true, follow: false, tail: 1 });
    assert.equal(logs.subarray(8).toString(), 'two\n');
    await container.remove();
  },
  async images() {
    const context = require('tar-stream').pack();
    context.entry({ name: 'Dockerfile' }, `FROM ${Image}\nCOPY f /f\nCMD ["cat", "/f"]\n`);
    context.entry({ name: 'f' }, 'from the context\n');
    context.finalize();
    const output = await progress(await docker.buildImage(context, { t: 'clients-node-built' }));
    assert.ok(output.some(line => line.aux?.ID), JSON.stringify(output));
    const text = new PassThrough(), seen = collect(text);
    const [, container] = await docker.run('clients-node-built', [], text, { Tty: true, Labels });
    assert.equal(await seen, 'from the context\r\n');
    await container.remove();
    const image = docker.getImage('clients-node-built');
    assert.ok((await image.inspect()).Id.startsWith('sha256:'));
    assert.ok((await image.history()).length >= 2);
    await image.tag({ repo: 'clients-node-built', tag: '2' });
    const archive = await collect(await docker.getImage('clients-node-built:2').get());
    assert.ok(archive.length > 1000);
    await docker.getImage('clients-node-built:2').remove();
    await image.remove({ force: true });
    await assert.rejects(async () => progress(await docker.createImage({ fromImage: "127.0.0.1:1/nosuch", tag: "latest" })));
  },
  async networksAndVolumes() {
    const network = await docker.createNetwork({ Name: 'clients-node-net', CheckDuplicate: true, Labels });
    const volume = await docker.createVolume({ Name: 'clients-node-vol', Labels });
    const container = await detached({ HostConfig: { NetworkMode: 'clients-node-net', Binds: [`clients-node-vol:/v`] } });
    await container.start();
    assert.equal(Object.keys((await network.inspect()).Containers).length, 1);
    assert.equal((await docker.listVolumes({ filters: { name: ['clients-node-vol'] } })).Volumes.length, 1);
    await assert.rejects(docker.getVolume('clients-node-vol').remove(), error => error.statusCode === 409);
    await container.remove({ force: true });
    await docker.getVolume(volume.Name ?? volume.name).remove();
    await network.remove();
  },
  async archive() {
    const container = await detached();
    const pack = require('tar-stream').pack();
    pack.entry({ name: 'put' }, 'put here');
    pack.finalize();
    await container.putArchive(pack, { path: '/tmp' });
    assert.match(await collect(await container.getArchive({ path: '/tmp/put' })), /put here/);
    assert.ok((await container.infoArchive({ path: '/tmp/put' })).headers['x-docker-container-path-stat']);
    await container.remove();
  },
  async events() {
    const stream = await docker.getEvents({ filters: { label: ['gantry-clients=node-events'] } });
    const seen = [];
    const destroyed = new Promise(resolve => stream.on('data', part => {
      for (const line of part.toString().split('\n').filter(Boolean)) seen.push(JSON.parse(line).Action);
      if (seen.includes('destroy')) resolve();
    }));
    const container = await docker.createContainer({ Image, Cmd: ['true'], Labels: { 'gantry-clients': 'node-events' } });
    await container.start();
    await container.wait();
    await container.remove();
    await destroyed;
    stream.destroy();
    assert.deepEqual(seen.filter(action => ['create', 'start', 'die', 'destroy'].includes(action)), ['create', 'start', 'die', 'destroy']);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  try {
    await test();
    console.log(`ok    dockerode ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  dockerode ${name}\n${error.stack}`);
  }
  for (const left of await docker.listContainers({ all: true, filters: { label: ['gantry-clients'] } })) await docker.getContainer(left.Id).remove({ force: true, v: true });
}
process.exit(failed ? 1 : 0);
