// devcontainer.mjs: development containers as editors make them, by @devcontainers/cli with GANTRY in place of docker and docker-compose, on the engine of
// DOCKER_HOST; it has the image busybox:latest.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const cli = resolve('node_modules/.bin/devcontainer');
const home = mkdtempSync(join(tmpdir(), 'devcontainers-'));
// The names by which docker's plugins are looked for.
for (const name of ['docker', 'docker-compose']) symlinkSync(process.env.GANTRY, join(home, name));
const docker = join(home, 'docker');

const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: home } });

function workspace(name, files) {
  const folder = join(home, name);
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, '.devcontainer', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return {
    up: (...args) => JSON.parse(run(cli, 'up', '--workspace-folder', folder, '--docker-path', docker, ...args).trim().split('\n').at(-1)),
    exec: script => run(cli, 'exec', '--workspace-folder', folder, '--docker-path', docker, 'sh', '-c', script),
  };
}

const tests = {
  image() {
    const { up, exec } = workspace('image', {
      'devcontainer.json': { image: 'busybox', remoteUser: 'root', containerEnv: { A: 'b' }, remoteEnv: { R: 'r' }, postCreateCommand: 'echo created > /tmp/made', mounts: ['type=volume,source=devcontainer-data,target=/data'], runArgs: ['--label', 'x=y'] },
    });
    const first = up();
    assert.equal(first.outcome, 'success');
    assert.equal(exec('echo $A $R; cat /tmp/made; pwd; ls -d /data'), 'b r\ncreated\n/workspaces/image\n/data\n');
    assert.equal(up().containerId, first.containerId);
    assert.notEqual(up('--remove-existing-container').containerId, first.containerId);
  },
  dockerfile() {
    const { up, exec } = workspace('dockerfile', {
      'devcontainer.json': { build: { dockerfile: 'Dockerfile', args: { V: '1' } }, remoteUser: 'dev' },
      Dockerfile: "FROM busybox\nARG V\nRUN echo 'dev:x:1000:1000::/:/bin/sh' >>/etc/passwd; echo $V >/v\n",
    });
    assert.equal(up().remoteUser, 'dev');
    assert.equal(exec('id -un; cat /v'), 'dev\n1\n');
  },
  compose() {
    const { up, exec } = workspace('compose', {
      'devcontainer.json': { dockerComposeFile: 'compose.yaml', service: 'app', workspaceFolder: '/w', shutdownAction: 'stopCompose' },
      'compose.yaml': 'services:\n  app:\n    image: busybox\n    command: sleep 600\n    volumes: ["..:/w"]\n    depends_on: [db]\n  db:\n    image: busybox\n    command: sleep 600\n',
    });
    assert.equal(up().outcome, 'success');
    assert.match(exec('pwd; ls -a; ping -c1 db'), /^\/w\n[^]*\.devcontainer\n[^]*1 packets received/);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  try {
    test();
    console.log(`ok    devcontainer ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  devcontainer ${name}\n${error.stack}\n${error.stderr ?? ''}`);
  }
}
rmSync(home, { recursive: true });
process.exit(failed ? 1 : 0);
